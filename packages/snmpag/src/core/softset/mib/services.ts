import { table } from '../../smi/model.js';

const readOnly = { access: 'read-only' } as const;
const boardNumber = { kind: 'number', min: 0, max: 64 } as const;

export const serviceTable = table({
  stem: 'softsetService',
  id: 1,
  description: 'The services: what must stay reachable, and who serves it now.',
  row: 'A service.',
  index: ['softsetServiceName'],
  columns: {
    softsetServiceName: {
      id: 1,
      syntax: { kind: 'text', max: 32 },
      access: 'index',
      description: 'Name of the service in the cluster file.',
    },
    softsetServicePhase: {
      id: 2,
      syntax: { kind: 'enum', values: { unknown: 1, held: 2, moving: 3, silent: 4, free: 5 } },
      ...readOnly,
      description:
        'held: its holder confirmed. moving: a move is under way. silent: the holder may still answer, and nobody vouches for it. free: nobody holds it, and nobody can.',
    },
    softsetServiceHolder: {
      id: 3,
      syntax: boardNumber,
      ...readOnly,
      description: 'Board that holds its addresses, or held them last; 0 for none.',
    },
    softsetServiceHolderName: {
      id: 4,
      syntax: { kind: 'text', max: 32 },
      ...readOnly,
      description: 'Name of that board.',
    },
    softsetServiceNext: {
      id: 5,
      syntax: boardNumber,
      ...readOnly,
      description: 'Board that gets them in the move under way; 0 for none.',
    },
    softsetServiceGrantTerm: {
      id: 6,
      syntax: { kind: 'number', min: 0, max: 0xffff_ffff },
      ...readOnly,
      description: "Term of the holder's grant.",
    },
    softsetServiceGrantNumber: {
      id: 7,
      syntax: { kind: 'number', min: 0, max: 0xffff_ffff },
      ...readOnly,
      description: 'Number of the grant within that term. It rises with each move and never comes back.',
    },
    softsetServiceCause: {
      id: 8,
      syntax: { kind: 'text', max: 255 },
      ...readOnly,
      description: 'Why it is where it is.',
    },
    softsetServiceResting: {
      id: 9,
      syntax: { kind: 'truth' },
      ...readOnly,
      description:
        "It failed over too often and rests until an operator moves it. By the reporting board's redirectd: only that of the director counts.",
    },
    softsetServiceTakeover: {
      id: 10,
      syntax: { kind: 'enum', values: { fast: 1, strict: 2 } },
      ...readOnly,
      description:
        'fast: it is also moved when no board reaches the holder any more. strict: only on confirmation, or when its lease ran out.',
    },
    softsetServiceHolderWanted: {
      id: 11,
      syntax: boardNumber,
      access: 'read-write',
      description:
        'Board that the operator wants to hold it; 0 for no wish. SET to a board of its pool: a planned move, done when the answer comes. inconsistentValue for a board outside of the pool or one that is not up, resourceUnavailable while redirectd or a director is missing, commitFailed where the director refuses.',
    },
    softsetServiceAge: {
      id: 12,
      syntax: { kind: 'ticks' },
      ...readOnly,
      description:
        'For how long it has been in this phase with this holder and grant, as this agent saw it: never longer than the agent has heard netrackd.',
    },
  },
});

export const poolTable = table({
  stem: 'softsetPool',
  id: 2,
  description: 'Which boards can hold each service, the preferred first.',
  row: 'A board in the pool of a service.',
  index: ['softsetPoolService', 'softsetPoolPosition'],
  columns: {
    softsetPoolService: {
      id: 1,
      syntax: { kind: 'text', max: 32 },
      access: 'index',
      description: 'Name of the service.',
    },
    softsetPoolPosition: {
      id: 2,
      syntax: { kind: 'number', min: 1, max: 64 },
      access: 'index',
      description: 'Place in the pool, from 1.',
    },
    softsetPoolBoard: { id: 3, syntax: boardNumber, ...readOnly, description: 'Number of the board.' },
    softsetPoolBoardName: { id: 4, syntax: { kind: 'text', max: 32 }, ...readOnly, description: 'Name of the board.' },
  },
});

export const addressTable = table({
  stem: 'softsetAddress',
  id: 3,
  description: 'The public addresses, which move with their services.',
  row: 'A public address of a service.',
  index: ['softsetAddressService', 'softsetAddressPosition'],
  columns: {
    softsetAddressService: {
      id: 1,
      syntax: { kind: 'text', max: 32 },
      access: 'index',
      description: 'Name of the service.',
    },
    softsetAddressPosition: {
      id: 2,
      syntax: { kind: 'number', min: 1, max: 16 },
      access: 'index',
      description: 'Place in the service, from 1.',
    },
    softsetAddressText: {
      id: 3,
      syntax: { kind: 'text', max: 45 },
      ...readOnly,
      description: 'The address, in the usual writing of IPv4 or IPv6.',
    },
    softsetAddressPrefixLength: {
      id: 4,
      syntax: { kind: 'gauge' },
      ...readOnly,
      units: 'bits',
      description: 'Its prefix length.',
    },
    softsetAddressHolder: {
      id: 5,
      syntax: boardNumber,
      ...readOnly,
      description: 'Board that answers for it: the confirmed holder of its service, 0 for none.',
    },
    softsetAddressLease: {
      id: 6,
      syntax: { kind: 'gauge' },
      ...readOnly,
      units: 'milliseconds',
      description:
        'Lease under which it is held: a holder whose proofs fail to come falls silent on it at latest so long after the last.',
    },
  },
});
