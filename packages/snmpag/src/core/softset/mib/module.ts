import type { GroupDef, ModuleDef } from '../../smi/model.js';
import { BASE_OID, BASE_PARENT } from '../base-oid.js';
import { agentTable, interfaceTable } from './aggregator.js';
import { alarmTable } from './alarms.js';
import { boardTable, faultTable, linkTable } from './boards.js';
import { dhcp, dhcpConflictTable, dhcpLeaseTable, dhcpPortTable } from './dhcp.js';
import { notifications, notifyObjects } from './notifications.js';
import { programTable } from './programs.js';
import { rules, ruleTable } from './rules.js';
import { addressTable, poolTable, serviceTable } from './services.js';
import { system } from './system.js';

/** Arcs of the groups. */
export const GROUP = {
  system: 1,
  boards: 2,
  links: 3,
  programs: 4,
  services: 5,
  rules: 6,
  dhcp: 7,
  aggregator: 8,
  alarms: 9,
  notifyObjects: 10,
} as const;

const group = (name: string, id: number, description: string, part: Partial<GroupDef>): GroupDef => ({
  name,
  id,
  description,
  scalars: {},
  tables: [],
  ...part,
});

/** The system as one managed entity (002 ¶0044): what netrackd, psrmd and redirectd of one board publish today. */
export const softsetMib: ModuleDef = {
  name: 'SOFTSET-MIB',
  identity: 'softsetMIB',
  base: BASE_OID,
  parent: BASE_PARENT,
  lastUpdated: '202611270000Z',
  organization: 'SOFTSET',
  contact: 'The issue tracker of the SOFTSET project.',
  description:
    'A SOFTSET system as one managed entity: its boards, their links to the two networks, its programs and services with their public addresses, what is wrong, and who directs. Every control board has an agent; each tells what its own board sees.',
  revision: 'First version.',
  groups: [
    group('softsetSystem', GROUP.system, 'The system as a whole, and where this agent has it from.', {
      scalars: system,
    }),
    group('softsetBoards', GROUP.boards, 'Boards.', { tables: [boardTable] }),
    group('softsetLinks', GROUP.links, 'Links, paths and faults.', { tables: [linkTable, faultTable] }),
    group('softsetPrograms', GROUP.programs, 'Programs under PSRM.', { tables: [programTable] }),
    group('softsetServices', GROUP.services, 'Services, their pools and their public addresses.', {
      tables: [serviceTable, poolTable, addressTable],
    }),
    group('softsetRules', GROUP.rules, 'Failover rules.', { scalars: rules, tables: [ruleTable] }),
    group('softsetDhcp', GROUP.dhcp, 'Addresses by switch port.', {
      scalars: dhcp,
      tables: [dhcpPortTable, dhcpLeaseTable, dhcpConflictTable],
    }),
    group('softsetAggregator', GROUP.aggregator, 'Agents behind this one, and the rows that come from them.', {
      tables: [agentTable, interfaceTable],
    }),
    group('softsetAlarms', GROUP.alarms, 'Alarms that stand.', { tables: [alarmTable] }),
    group('softsetNotifyObjects', GROUP.notifyObjects, 'What only notifications say.', { scalars: notifyObjects }),
  ],
  notifications,
};
