import { table } from '../../smi/model.js';

const readOnly = { access: 'read-only' } as const;
const ticks = { kind: 'ticks' } as const;
const counter = { kind: 'counter' } as const;

export const agentTable = table({
  stem: 'softsetAgent',
  id: 1,
  description:
    'Agents of boards and switches that stand behind this one. Each is relayed in the context of its name: snmpwalk -n io-1.',
  row: 'An agent behind.',
  index: ['softsetAgentNumber'],
  columns: {
    softsetAgentNumber: {
      id: 1,
      syntax: { kind: 'number', min: 1, max: 255 },
      access: 'index',
      description: 'Number of its board, or 65 and more for one that is no board.',
    },
    softsetAgentName: {
      id: 2,
      syntax: { kind: 'text', max: 32 },
      ...readOnly,
      description: 'Its name, which is the context in which it is relayed.',
    },
    softsetAgentState: {
      id: 3,
      syntax: { kind: 'enum', values: { unasked: 1, answering: 2, silent: 3, down: 4 } },
      ...readOnly,
      description:
        'answering: it answered the last question. silent: it did not, by any way; it is probed every second, and questions to it are answered genErr at once. down: its board is down by NETRACK. unasked: it was not asked yet.',
    },
    softsetAgentStateAge: { id: 4, syntax: ticks, ...readOnly, description: 'For how long it has been in that state.' },
    softsetAgentHeardAge: {
      id: 5,
      syntax: ticks,
      ...readOnly,
      description: 'Time since its last answer. No instance: it never answered.',
    },
    softsetAgentAddress: {
      id: 6,
      syntax: { kind: 'text', max: 100 },
      ...readOnly,
      description: 'Where it is asked: its addresses and its port.',
    },
    softsetAgentLatency: {
      id: 7,
      syntax: { kind: 'gauge' },
      ...readOnly,
      units: 'microseconds',
      description: 'How long its last answer took.',
    },
    softsetAgentAsked: { id: 8, syntax: counter, ...readOnly, description: 'Messages that were sent to it.' },
    softsetAgentAnswered: { id: 9, syntax: counter, ...readOnly, description: 'Messages that it answered.' },
    softsetAgentSilences: {
      id: 10,
      syntax: counter,
      ...readOnly,
      description: 'Questions that it did not answer by any way.',
    },
    softsetAgentRefused: {
      id: 11,
      syntax: counter,
      ...readOnly,
      description: 'Questions that were answered genErr at once, for it was down, silent or too busy.',
    },
    softsetAgentInterfaces: {
      id: 12,
      syntax: { kind: 'gauge' },
      ...readOnly,
      units: 'interfaces',
      description: 'Interfaces that it had when they were read last.',
    },
    softsetAgentReadAge: {
      id: 13,
      syntax: ticks,
      ...readOnly,
      description: 'Time since its interfaces were read. No instance: they never were.',
    },
    softsetAgentNotifications: {
      id: 14,
      syntax: counter,
      ...readOnly,
      description: 'Notifications received from it, such as linkDown.',
    },
  },
});

export const interfaceTable = table({
  stem: 'softsetInterface',
  id: 2,
  description: "Where the rows of this agent's merged IF-MIB and ENTITY-MIB come from, and whether they are of now.",
  row: 'An interface of an agent behind.',
  index: ['softsetInterfaceIndex'],
  columns: {
    softsetInterfaceIndex: {
      id: 1,
      syntax: { kind: 'number', min: 1, max: 0x7fff_ffff },
      access: 'index',
      description:
        "Its ifIndex in the merged tables: the agent's number times 1,000,000, plus the agent's own ifIndex; of one beyond 499,999, 500,000 plus its remainder. The same on every control board.",
    },
    softsetInterfaceAgent: {
      id: 2,
      syntax: { kind: 'text', max: 32 },
      ...readOnly,
      description: 'Name of the agent.',
    },
    softsetInterfaceOwnIndex: {
      id: 3,
      syntax: { kind: 'number', min: 1, max: 0x7fff_ffff },
      ...readOnly,
      description: "The agent's own ifIndex: what it has in the agent's context.",
    },
    softsetInterfaceName: {
      id: 4,
      syntax: { kind: 'text', max: 64 },
      ...readOnly,
      description: 'ifName, or ifDescr where the agent has no ifName.',
    },
    softsetInterfaceStale: {
      id: 5,
      syntax: { kind: 'truth' },
      ...readOnly,
      description: 'true: the agent does not answer now, and the rows are of before; their ifOperStatus is unknown(4).',
    },
    softsetInterfaceReadAge: { id: 6, syntax: ticks, ...readOnly, description: 'Time since it was read.' },
  },
});
