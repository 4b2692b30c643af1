import { table } from '../../smi/model.js';

const readOnly = { access: 'read-only' } as const;

export const alarmTable = table({
  stem: 'softsetAlarm',
  id: 1,
  description:
    "The alarms that stand, as the register has them: every board has the same, but for their numbers. In the shape of ALARM-MIB's active alarms and of X.733.",
  row: 'An alarm. The row goes when the alarm is cleared.',
  index: ['softsetAlarmNumber'],
  columns: {
    softsetAlarmNumber: {
      id: 1,
      syntax: { kind: 'number', min: 1, max: 0x7fff_ffff },
      access: 'index',
      description: "Number that this agent gave it. It is not given to another within this agent's life.",
    },
    softsetAlarmObject: {
      id: 2,
      syntax: { kind: 'text', max: 200 },
      ...readOnly,
      description: 'What it is about, such as board/cpu-1 or service/media.',
    },
    softsetAlarmCause: {
      id: 3,
      syntax: { kind: 'text', max: 200 },
      ...readOnly,
      description: 'Why, as a stable code such as ADDRESS_IN_USE.',
    },
    softsetAlarmSeverity: {
      id: 4,
      syntax: { kind: 'enum', values: { cleared: 1, critical: 3, major: 4, minor: 5, warning: 6 } },
      ...readOnly,
      description:
        "How bad, by ITU perceived severity's numbers (ITU-ALARM-TC-MIB). cleared comes in softsetAlarmCleared alone.",
    },
    softsetAlarmText: {
      id: 5,
      syntax: { kind: 'text', max: 255 },
      ...readOnly,
      description: 'One sentence for people.',
    },
    softsetAlarmRaisedAt: {
      id: 6,
      syntax: { kind: 'date' },
      ...readOnly,
      description: 'When it was raised, by the clock of the board that raised it.',
    },
    softsetAlarmRaisedBy: {
      id: 7,
      syntax: { kind: 'number', min: 0, max: 64 },
      ...readOnly,
      description: 'Board that raised it.',
    },
    softsetAlarmAcknowledgedBy: {
      id: 8,
      syntax: { kind: 'text', max: 200 },
      ...readOnly,
      description: 'Who has seen to it; empty for nobody yet.',
    },
    softsetAlarmOrder: {
      id: 9,
      syntax: { kind: 'enum', values: { none: 1, clear: 2 } },
      access: 'read-write',
      description:
        'SET to clear(2) to take the alarm off the list of all boards; whoever sees its cause still raises it anew. Reads none. A SET is answered when a majority of the votes has it. wrongValue for none; resourceUnavailable while netrackd does not answer or nobody directs.',
    },
  },
});
