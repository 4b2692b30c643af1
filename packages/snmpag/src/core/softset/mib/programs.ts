import { table } from '../../smi/model.js';

const readOnly = { access: 'read-only' } as const;

export const programTable = table({
  stem: 'softsetProgram',
  id: 1,
  description: 'The programs that PSRM wraps, once for each board that may run them.',
  row: 'A program on a board.',
  index: ['softsetBoardNumber', 'softsetProgramName'],
  columns: {
    softsetProgramName: {
      id: 1,
      syntax: { kind: 'text', max: 32 },
      access: 'index',
      description: 'Name of the program in the cluster file.',
    },
    softsetProgramState: {
      id: 2,
      syntax: {
        kind: 'enum',
        values: {
          unknown: 1,
          stopped: 2,
          starting: 3,
          up: 4,
          ready: 5,
          'in-trouble': 6,
          'not-responding': 7,
          stopping: 8,
          failed: 9,
        },
      },
      ...readOnly,
      description:
        'up: it runs. ready: it answers its probe. in-trouble: it missed one. not-responding: it missed too many and is being ended. failed: it died too often and is not started here until it is ordered to. unknown: its board has said nothing of it.',
    },
    softsetProgramStateAge: {
      id: 3,
      syntax: { kind: 'ticks' },
      ...readOnly,
      description:
        'For how long it has been in that state. Only of programs of the reporting board: other boards have clocks of their own.',
    },
    softsetProgramRestarts: {
      id: 4,
      syntax: { kind: 'gauge' },
      ...readOnly,
      units: 'restarts',
      description: 'Restarts after deaths since the last ordered start.',
    },
    softsetProgramService: {
      id: 5,
      syntax: { kind: 'text', max: 32 },
      ...readOnly,
      description: 'Service that it belongs to; empty for none.',
    },
    softsetProgramPid: {
      id: 6,
      syntax: { kind: 'number', min: 0, max: 0xffff_ffff },
      ...readOnly,
      description: 'Its process, 0 for none. Only of programs of the reporting board.',
    },
    softsetProgramWanted: {
      id: 7,
      syntax: { kind: 'truth' },
      ...readOnly,
      description: 'psrmd keeps it running. Only of programs of the reporting board.',
    },
    softsetProgramLastEnd: {
      id: 8,
      syntax: { kind: 'text', max: 64 },
      ...readOnly,
      description:
        'How it ended last, such as exit 1 or signal KILL; empty where it never did. Only of programs of the reporting board.',
    },
    softsetProgramOrder: {
      id: 9,
      syntax: { kind: 'enum', values: { none: 1, start: 2, stop: 3, restart: 4 } },
      access: 'read-write',
      description:
        'SET to start, stop or restart it; an ordered start clears its counts. Reads none. Whichever board is asked, the board that runs it does it, and then the SET is answered. wrongValue for none; resourceUnavailable while that board is not up or its psrmd does not answer; inconsistentValue while it has said nothing of the program; commitFailed where it refuses, such as to stop what does not end.',
    },
  },
});
