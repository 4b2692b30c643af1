import { type ObjectDef, table } from '../../smi/model.js';

const readOnly = { access: 'read-only' } as const;

export const rules = {
  softsetRulesLoaded: {
    id: 10,
    syntax: { kind: 'gauge' },
    ...readOnly,
    units: 'rules',
    description:
      'Rules that redirectd of the reporting board has read and runs by. None: it has no rules, and placement decides alone.',
  },
  softsetRulesDeciding: {
    id: 11,
    syntax: { kind: 'truth' },
    ...readOnly,
    description:
      'They are judged here now: the reporting board directs. Where false, another board judges them, and counts what fires.',
  },
  softsetRulesRefused: {
    id: 12,
    syntax: { kind: 'text', max: 255 },
    ...readOnly,
    description: 'Why the files as they are now are not taken; empty where they are. The last good ones run meanwhile.',
  },
} as const satisfies Readonly<Record<string, ObjectDef>>;

export const ruleTable = table({
  stem: 'softsetRule',
  id: 1,
  description: "Failover rules, and what each did in this life of the reporting board's redirectd.",
  row: 'A rule that runs.',
  index: ['softsetRuleName'],
  columns: {
    softsetRuleName: {
      id: 1,
      syntax: { kind: 'text', max: 100 },
      access: 'index',
      description: 'Its name, unique in all rules files.',
    },
    softsetRuleFile: { id: 2, syntax: { kind: 'text', max: 255 }, ...readOnly, description: 'The file that has it.' },
    softsetRuleFired: {
      id: 3,
      syntax: { kind: 'counter' },
      ...readOnly,
      units: 'decisions',
      description: 'How often it decided to act.',
    },
    softsetRuleHeldBack: {
      id: 4,
      syntax: { kind: 'counter' },
      ...readOnly,
      description: 'How often it would have acted, and its limit or another plan forbade it.',
    },
    softsetRuleLastAt: {
      id: 5,
      syntax: { kind: 'date' },
      ...readOnly,
      description: 'When it fired last. No instance: it never did.',
    },
    softsetRuleLastInstance: {
      id: 6,
      syntax: { kind: 'text', max: 255 },
      ...readOnly,
      description: 'For which of its scope it fired last; empty where it never did.',
    },
    softsetRuleLastOutcome: {
      id: 7,
      syntax: { kind: 'enum', values: { none: 1, running: 2, done: 3, failed: 4, 'given-up': 5 } },
      ...readOnly,
      description:
        'What came of it. given-up: it stopped before its end, for the board ceased to direct or the rules changed.',
    },
  },
});
