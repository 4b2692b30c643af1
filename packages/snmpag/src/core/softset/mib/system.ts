import type { ObjectDef } from '../../smi/model.js';

const truth = { kind: 'truth' } as const;
const gauge = { kind: 'gauge' } as const;
const boardNumber = { kind: 'number', min: 0, max: 64 } as const;
const any = { kind: 'number', min: 0, max: 0xffff_ffff } as const;
const readOnly = { access: 'read-only' } as const;
const source = { kind: 'enum', values: { connected: 1, lost: 2, never: 3 } } as const;

export const system = {
  softsetClusterName: {
    id: 1,
    syntax: { kind: 'text', max: 32 },
    ...readOnly,
    description: 'Name of the cluster, from the cluster file.',
  },
  softsetClusterNumber: {
    id: 2,
    syntax: any,
    ...readOnly,
    description: "The cluster's own number, by which its beats are told from another cluster's.",
  },
  softsetReportingBoard: {
    id: 3,
    syntax: { kind: 'text', max: 32 },
    ...readOnly,
    description: 'The board whose view this is: every board sees the system with its own eyes.',
  },
  softsetTerm: {
    id: 4,
    syntax: any,
    ...readOnly,
    description: 'Term of the director. It only rises, by one or more for each election.',
  },
  softsetDirector: {
    id: 5,
    syntax: boardNumber,
    ...readOnly,
    description: 'Board that directs; 0 while none does. Without a director nothing moves.',
  },
  softsetDeputy: {
    id: 6,
    syntax: boardNumber,
    ...readOnly,
    description: 'Board that the director has named to follow it; 0 for none.',
  },
  softsetRole: {
    id: 7,
    syntax: { kind: 'enum', values: { follower: 1, candidate: 2, director: 3 } },
    ...readOnly,
    description: 'What the reporting board is.',
  },
  softsetDirecting: {
    id: 8,
    syntax: truth,
    ...readOnly,
    description: 'The reporting board is director, a majority hears it, and it may give orders.',
  },
  softsetQuorum: {
    id: 9,
    syntax: truth,
    ...readOnly,
    description: 'As many votes are in view as a majority needs. Without them services stay where they are.',
  },
  softsetVotesPresent: { id: 10, syntax: gauge, ...readOnly, units: 'votes', description: 'Votes in view.' },
  softsetVotesNeeded: {
    id: 11,
    syntax: gauge,
    ...readOnly,
    units: 'votes',
    description: 'Votes that make a majority.',
  },
  softsetVotesTotal: { id: 12, syntax: gauge, ...readOnly, units: 'votes', description: 'Votes that there are.' },
  softsetRegisterTerm: {
    id: 13,
    syntax: any,
    ...readOnly,
    description: 'Term of the director that wrote the register as this board has it.',
  },
  softsetRegisterIndex: {
    id: 14,
    syntax: any,
    ...readOnly,
    description: 'Number of the last write within that term. Boards of one view agree on both.',
  },
  softsetBoardsTotal: {
    id: 15,
    syntax: gauge,
    ...readOnly,
    units: 'boards',
    description: 'Boards in the cluster file.',
  },
  softsetBoardsUp: { id: 16, syntax: gauge, ...readOnly, units: 'boards', description: 'Boards that are up.' },
  softsetServicesTotal: {
    id: 17,
    syntax: gauge,
    ...readOnly,
    units: 'services',
    description: 'Services in the cluster file.',
  },
  softsetServicesHeld: {
    id: 18,
    syntax: gauge,
    ...readOnly,
    units: 'services',
    description: 'Services whose holder confirmed that it serves. Fewer than the total: look at softsetServiceTable.',
  },
  softsetFaultsStanding: {
    id: 19,
    syntax: gauge,
    ...readOnly,
    units: 'faults',
    description: 'Faults that stand now, as softsetFaultTable has them.',
  },
  softsetAlarmsStanding: {
    id: 20,
    syntax: gauge,
    ...readOnly,
    units: 'alarms',
    description: 'Alarms that stand now, as softsetAlarmTable has them.',
  },
  softsetNetrackSource: {
    id: 21,
    syntax: source,
    ...readOnly,
    description:
      "Whether netrackd of the reporting board answers this agent. lost: all but the configuration is what it said last, and softsetNetrackAge says how old that is. never: it has not answered since this agent's start.",
  },
  softsetNetrackAge: {
    id: 22,
    syntax: { kind: 'ticks' },
    ...readOnly,
    description: 'Time since netrackd was heard last; 0 while it is connected.',
  },
  softsetPsrmSource: {
    id: 23,
    syntax: source,
    ...readOnly,
    description: 'The same of psrmd of the reporting board: without it no program can be ordered here.',
  },
  softsetRedirectSource: {
    id: 24,
    syntax: source,
    ...readOnly,
    description: 'The same of redirectd of the reporting board: without it no service can be moved from here.',
  },
  softsetPulse: {
    id: 25,
    syntax: truth,
    ...readOnly,
    description: 'The pulse of the reporting board answers: beats are sent and leases kept.',
  },
} as const satisfies Readonly<Record<string, ObjectDef>>;
