import type { NotificationDef, ObjectDef } from '../../smi/model.js';

const notify = { access: 'notify' } as const;

/** What a notification says that no table has, or has no longer. */
export const notifyObjects = {
  softsetNotifyFrom: {
    id: 1,
    syntax: { kind: 'text', max: 32 },
    ...notify,
    description: 'Name of the board that held the service before; empty for none.',
  },
  softsetNotifyNetwork: {
    id: 2,
    syntax: { kind: 'enum', values: { A: 1, B: 2 } },
    ...notify,
    description: 'The network.',
  },
  softsetNotifyTarget: {
    id: 3,
    syntax: { kind: 'text', max: 64 },
    ...notify,
    description: 'What the fault is about.',
  },
  softsetNotifyEvidence: {
    id: 4,
    syntax: { kind: 'text', max: 255 },
    ...notify,
    description: 'Why it is thought so, in one line.',
  },
  softsetNotifyOutage: {
    id: 5,
    syntax: { kind: 'gauge' },
    ...notify,
    units: 'milliseconds',
    description:
      "For how long nobody was known to serve it: from the first doubt of its holder, or the begin of a move, to the new holder's word, by the eyes of the board that tells. 0 where that board saw no gap. What a client missed is longer by the beats that raised the doubt, and not shorter.",
  },
} as const satisfies Readonly<Record<string, ObjectDef>>;

const board = ['softsetBoardName', 'softsetBoardState'] as const;
const link = ['softsetBoardName', 'softsetLinkDevice', 'softsetLinkPath'] as const;
const alarm = ['softsetAlarmObject', 'softsetAlarmCause', 'softsetAlarmSeverity', 'softsetAlarmText'] as const;
const votes = ['softsetVotesPresent', 'softsetVotesNeeded'] as const;

export const notifications = {
  softsetBoardDown: { id: 1, objects: board, description: 'A board is down: its services move to others.' },
  softsetBoardUp: { id: 2, objects: board, description: 'A board that was not up is up.' },
  softsetBoardStalled: {
    id: 3,
    objects: board,
    description: 'A board has stopped beating though its kernel answers: its lease decides.',
  },
  softsetLinkDown: {
    id: 4,
    objects: link,
    description: 'A board that is up is not reached by this network any more; traffic takes the other.',
  },
  softsetLinkUp: { id: 5, objects: link, description: 'It is reached by this network again.' },
  softsetNetworkFailed: {
    id: 6,
    objects: ['softsetNotifyNetwork', 'softsetNotifyEvidence'],
    description: 'A whole network has failed.',
  },
  softsetNetworkRestored: { id: 7, objects: ['softsetNotifyNetwork'], description: 'It works again.' },
  softsetServiceMoved: {
    id: 8,
    objects: [
      'softsetNotifyFrom',
      'softsetServiceHolder',
      'softsetServiceHolderName',
      'softsetServiceCause',
      'softsetNotifyOutage',
    ],
    description:
      'A service is held by another board than before: from where, by whom, why, and how long nobody served it.',
  },
  softsetServiceLost: {
    id: 9,
    objects: ['softsetServicePhase', 'softsetServiceCause'],
    description: 'A service that was held is free or silent: nobody is known to serve it.',
  },
  softsetProgramFailed: {
    id: 10,
    objects: ['softsetBoardName', 'softsetProgramState', 'softsetProgramRestarts'],
    description:
      'A program died so often that it is not started on that board any more. The instance of softsetProgramState names it.',
  },
  softsetQuorumLost: { id: 11, objects: votes, description: 'Too few votes are in view: nothing can be moved.' },
  softsetQuorumRegained: { id: 12, objects: votes, description: 'A majority is in view again.' },
  softsetConfigDiffers: {
    id: 13,
    objects: ['softsetNotifyTarget', 'softsetNotifyEvidence'],
    description: 'A board runs by another copy of the cluster file.',
  },
  softsetAlarmRaised: { id: 14, objects: alarm, description: 'An alarm was raised, or became worse or milder.' },
  softsetAlarmCleared: { id: 15, objects: alarm, description: 'An alarm was cleared.' },
  softsetDirectorChanged: {
    id: 16,
    objects: ['softsetDirector', 'softsetTerm'],
    description: 'Another board directs, in a new term.',
  },
  softsetNoSpare: {
    id: 17,
    objects: ['softsetNotifyTarget', 'softsetNotifyEvidence'],
    description:
      'A service is held, and no other board could take it: the next failure is an outage. When it is over, the alarm of the cause NO_SPARE is cleared.',
  },
} as const satisfies Readonly<Record<string, NotificationDef>>;

export type NotificationName = keyof typeof notifications;
