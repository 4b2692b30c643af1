import { type ObjectDef, table } from '../../smi/model.js';

const readOnly = { access: 'read-only' } as const;
const address = { kind: 'text', max: 45 } as const;
const mac = { kind: 'text', max: 17 } as const;
const name = { kind: 'text', max: 64 } as const;

export const dhcp = {
  softsetDhcpSource: {
    id: 10,
    syntax: { kind: 'enum', values: { connected: 1, lost: 2, never: 3 } },
    ...readOnly,
    description:
      'Whether geodhcpd of the reporting board answers this agent. Only the board that it runs on has these tables.',
  },
  softsetDhcpAnswering: {
    id: 11,
    syntax: { kind: 'truth' },
    ...readOnly,
    description: 'It answers DHCP and RARP now; where false, another does, or it may not.',
  },
  softsetDhcpWhy: { id: 12, syntax: { kind: 'text', max: 200 }, ...readOnly, description: 'Why, in one line.' },
} as const satisfies Readonly<Record<string, ObjectDef>>;

export const dhcpPortTable = table({
  stem: 'softsetDhcpPort',
  id: 1,
  description: 'Switch ports and the addresses that belong to them, whatever card is plugged in.',
  row: 'A switch port.',
  index: ['softsetDhcpPortPlace'],
  columns: {
    softsetDhcpPortPlace: { id: 1, syntax: name, access: 'index', description: 'Switch and port, as SWITCH/PORT.' },
    softsetDhcpPortName: { id: 2, syntax: name, ...readOnly, description: 'Board or slot behind it.' },
    softsetDhcpPortNetwork: {
      id: 3,
      syntax: { kind: 'enum', values: { A: 1, B: 2 } },
      ...readOnly,
      description: 'The network that the switch belongs to.',
    },
    softsetDhcpPortAddresses: {
      id: 4,
      syntax: { kind: 'text', max: 255 },
      ...readOnly,
      description: 'Its addresses, with spaces between them.',
    },
    softsetDhcpPortDevices: {
      id: 5,
      syntax: { kind: 'gauge' },
      ...readOnly,
      units: 'devices',
      description: 'Devices that were given one of them.',
    },
  },
});

export const dhcpLeaseTable = table({
  stem: 'softsetDhcpLease',
  id: 2,
  description: 'Who has which address now.',
  row: 'A lease.',
  index: ['softsetDhcpLeaseAddress'],
  columns: {
    softsetDhcpLeaseAddress: { id: 1, syntax: address, access: 'index', description: 'The address.' },
    softsetDhcpLeaseMac: { id: 2, syntax: mac, ...readOnly, description: 'Who has it.' },
    softsetDhcpLeasePlace: { id: 3, syntax: name, ...readOnly, description: 'Where, as SWITCH/PORT.' },
    softsetDhcpLeaseName: { id: 4, syntax: name, ...readOnly, description: 'Board or slot.' },
    softsetDhcpLeaseBy: {
      id: 5,
      syntax: { kind: 'enum', values: { dhcp: 1, bootp: 2, rarp: 3 } },
      ...readOnly,
      description: 'How it was asked for.',
    },
    softsetDhcpLeaseSince: { id: 6, syntax: { kind: 'date' }, ...readOnly, description: 'Since when.' },
    softsetDhcpLeaseUntil: {
      id: 7,
      syntax: { kind: 'date' },
      ...readOnly,
      description: 'Until when. No instance: without an end, as BOOTP and RARP give it.',
    },
  },
});

export const dhcpConflictTable = table({
  stem: 'softsetDhcpConflict',
  id: 3,
  description: 'Addresses that strangers use, which are given to nobody for a while.',
  row: 'An address in quarantine.',
  index: ['softsetDhcpConflictAddress'],
  columns: {
    softsetDhcpConflictAddress: { id: 1, syntax: address, access: 'index', description: 'The address.' },
    softsetDhcpConflictPlace: { id: 2, syntax: name, ...readOnly, description: 'The port that it belongs to.' },
    softsetDhcpConflictBy: {
      id: 3,
      syntax: mac,
      ...readOnly,
      description: 'Who uses it; empty where a client only said that somebody does (DHCPDECLINE).',
    },
    softsetDhcpConflictWhere: {
      id: 4,
      syntax: { kind: 'text', max: 200 },
      ...readOnly,
      description: 'Where the stranger sits, as far as the switches know.',
    },
    softsetDhcpConflictSince: { id: 5, syntax: { kind: 'date' }, ...readOnly, description: 'Since when.' },
    softsetDhcpConflictUntil: { id: 6, syntax: { kind: 'date' }, ...readOnly, description: 'When it is tried again.' },
  },
});
