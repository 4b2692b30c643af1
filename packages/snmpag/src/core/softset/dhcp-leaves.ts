import type { AnyLeaf } from '../mib/view.js';
import { scalarLeaves, tableLeaves, textIndex } from '../smi/bind.js';
import { BASE_OID } from './base-oid.js';
import type { DhcpFacts, Source } from './facts.js';
import { dhcp, dhcpConflictTable, dhcpLeaseTable, dhcpPortTable } from './mib/dhcp.js';
import { GROUP } from './mib/module.js';

/** geoDHCP's ports, leases and conflicts (002 ¶0052 to ¶0057). */
export function dhcpLeaves(source: Source<DhcpFacts>): AnyLeaf[] {
  const group = [...BASE_OID, GROUP.dhcp];
  const { value } = source;
  const { ports = [], leases = [], conflicts = [] } = value ?? {};
  return [
    ...scalarLeaves(group, dhcp, {
      softsetDhcpSource: () => source.connection,
      softsetDhcpAnswering: () => value?.answering,
      softsetDhcpWhy: () => value?.why,
    }),
    ...tableLeaves(
      group,
      dhcpPortTable,
      ports.map((port) => [textIndex(port.place, true), port] as const),
      {
        softsetDhcpPortName: ({ name }) => name,
        softsetDhcpPortNetwork: ({ network }) => network,
        softsetDhcpPortAddresses: ({ addresses }) => addresses.join(' '),
        softsetDhcpPortDevices: ({ devices }) => devices.length,
      },
    ),
    ...tableLeaves(
      group,
      dhcpLeaseTable,
      leases.map((lease) => [textIndex(lease.ip, true), lease] as const),
      {
        softsetDhcpLeaseMac: ({ mac }) => mac,
        softsetDhcpLeasePlace: ({ place }) => place,
        softsetDhcpLeaseName: ({ name }) => name,
        softsetDhcpLeaseBy: ({ by }) => by,
        softsetDhcpLeaseSince: ({ sinceMs }) => sinceMs,
        softsetDhcpLeaseUntil: ({ untilMs }) => untilMs,
      },
    ),
    ...tableLeaves(
      group,
      dhcpConflictTable,
      conflicts.map((conflict) => [textIndex(conflict.ip, true), conflict] as const),
      {
        softsetDhcpConflictPlace: ({ place }) => place,
        softsetDhcpConflictBy: ({ by }) => by ?? '',
        softsetDhcpConflictWhere: ({ where }) => where,
        softsetDhcpConflictSince: ({ sinceMs }) => sinceMs,
        softsetDhcpConflictUntil: ({ untilMs }) => untilMs,
      },
    ),
  ];
}
