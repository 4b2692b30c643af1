import { table } from '../../smi/model.js';

const truth = { kind: 'truth' } as const;
const readOnly = { access: 'read-only' } as const;

export const boardTable = table({
  stem: 'softsetBoard',
  id: 1,
  description: 'The boards of the cluster file, and what the reporting board makes of each.',
  row: 'A board: anything with a link to both networks that runs NETRACK.',
  index: ['softsetBoardNumber'],
  columns: {
    softsetBoardNumber: {
      id: 1,
      syntax: { kind: 'number', min: 1, max: 64 },
      access: 'index',
      description: 'Number of the board in the cluster file.',
    },
    softsetBoardName: { id: 2, syntax: { kind: 'text', max: 32 }, ...readOnly, description: 'Name of the board.' },
    softsetBoardRole: {
      id: 3,
      syntax: { kind: 'enum', values: { control: 1, io: 2, router: 3, node: 4 } },
      ...readOnly,
      description: 'What the board is for.',
    },
    softsetBoardState: {
      id: 4,
      syntax: { kind: 'enum', values: { unknown: 1, up: 2, silent: 3, stalled: 4, unheard: 5, down: 6 } },
      ...readOnly,
      description:
        'up: it beats. silent: its beats fail to come, and its kernel is being asked. stalled: its kernel answers, its beats do not come. unheard: other boards hear it, this one does not. down: nobody hears it, and its kernel does not answer. unknown: it was not heard since the reporting board started.',
    },
    softsetBoardStateAge: {
      id: 5,
      syntax: { kind: 'ticks' },
      ...readOnly,
      description: 'For how long it has been in that state.',
    },
    softsetBoardAdmin: {
      id: 6,
      syntax: { kind: 'enum', values: { active: 1, maintenance: 2, drained: 3, standby: 4 } },
      access: 'read-write',
      description:
        'What the operator wants of it. active: it is judged and given services; which are held there is told by softsetServiceTable. standby: it is a spare: what it holds goes to an active board as soon as one can take it, and it is given what no active board can take. maintenance: it is left alone with what it holds, and given nothing. drained: it gives up what others can take, and is given nothing. A SET is answered when a majority of the votes has it on disk. Boards that are SET in one request are tested together, so that one can become active as another goes on standby. wrongValue for anything else; resourceUnavailable while netrackd or redirectd does not answer or nobody directs; inconsistentValue for a board of which nothing is known yet, and for standby where no other board of the pool of one of its services would be active.',
    },
    softsetBoardPath: {
      id: 7,
      syntax: { kind: 'enum', values: { none: 1, A: 2, B: 3 } },
      ...readOnly,
      description:
        'The network by which it is reached best now; none where no network leads to it. The reporting board needs none to itself.',
    },
    softsetBoardHealth: {
      id: 8,
      syntax: { kind: 'gauge' },
      ...readOnly,
      description: 'How much its own loop was held up lately, 0 (well) to 7, by its own word.',
    },
    softsetBoardDaemons: {
      id: 9,
      syntax: { kind: 'bits', values: { netrackd: 0, redirectd: 1, psrmd: 2 } },
      ...readOnly,
      description: 'Daemons that checked in with its pulse within the last second.',
    },
    softsetBoardVote: { id: 10, syntax: truth, ...readOnly, description: 'Whether it has a vote.' },
    softsetBoardAmnesiac: {
      id: 11,
      syntax: truth,
      ...readOnly,
      description: 'It lost its memory of votes: until the others have told it, it has none.',
    },
    softsetBoardLeaving: { id: 12, syntax: truth, ...readOnly, description: 'It said that it is about to stop.' },
  },
});

export const linkTable = table({
  stem: 'softsetLink',
  id: 1,
  description:
    'The links of each board, one to each network, and whether the reporting board reaches the board by them.',
  row: 'The link of a board to network A or B.',
  index: ['softsetBoardNumber', 'softsetLinkNetwork'],
  columns: {
    softsetLinkNetwork: {
      id: 1,
      syntax: { kind: 'enum', values: { A: 1, B: 2 } },
      access: 'index',
      description: 'The network.',
    },
    softsetLinkAddress: {
      id: 2,
      syntax: { kind: 'text', max: 45 },
      ...readOnly,
      description: 'Private address of the board on that network, in the usual writing of IPv4 or IPv6.',
    },
    softsetLinkDevice: { id: 3, syntax: { kind: 'text', max: 15 }, ...readOnly, description: 'Its network device.' },
    softsetLinkPath: {
      id: 4,
      syntax: { kind: 'enum', values: { unknown: 1, up: 2, down: 3 } },
      ...readOnly,
      description:
        'Whether beats of that board come by that network. Of the reporting board itself: whether its own link works.',
    },
    softsetLinkChosen: { id: 5, syntax: truth, ...readOnly, description: 'It is the best path to that board now.' },
  },
});

export const faultTable = table({
  stem: 'softsetFault',
  id: 2,
  description: 'What is wrong now, as netrackd of the reporting board diagnoses it from who hears whom.',
  row: 'A fault. The row goes when the fault does.',
  index: ['softsetFaultKind', 'softsetFaultTarget'],
  columns: {
    softsetFaultKind: {
      id: 1,
      syntax: {
        kind: 'enum',
        values: {
          'network-failed': 1,
          'network-mute': 2,
          'link-failed': 3,
          'one-way': 4,
          'board-failed': 5,
          'board-stalled': 6,
          'board-isolated': 7,
          'board-unheard': 8,
          'daemon-lost': 9,
          partition: 10,
          'no-quorum': 11,
          'config-differs': 12,
          'link-flapping': 13,
        },
      },
      access: 'index',
      description: 'What kind of fault.',
    },
    softsetFaultTarget: {
      id: 2,
      syntax: { kind: 'text', max: 64 },
      access: 'index',
      description: 'What it is about, such as A, cpu-1 or cpu-1:A.',
    },
    softsetFaultAge: { id: 3, syntax: { kind: 'ticks' }, ...readOnly, description: 'For how long it has stood.' },
    softsetFaultEvidence: {
      id: 4,
      syntax: { kind: 'text', max: 255 },
      ...readOnly,
      description:
        'Who hears whom, in one line; where the port map of geoDHCP has the port that it is about, also what the switch says of it.',
    },
  },
});
