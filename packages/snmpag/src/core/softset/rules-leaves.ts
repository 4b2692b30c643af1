import type { RulesMethods } from '@softset/protocol';
import type { AnyLeaf } from '../mib/view.js';
import { scalarLeaves, tableLeaves, textIndex } from '../smi/bind.js';
import { BASE_OID } from './base-oid.js';
import type { Source } from './facts.js';
import { GROUP } from './mib/module.js';
import { rules, ruleTable } from './mib/rules.js';
import { fitting } from './rows.js';

/** REDIRECT's rules, by this board's redirectd (002 ¶0045). */
export function rulesLeaves({ value }: Source<RulesMethods['rules']['result']>): AnyLeaf[] {
  const group = [...BASE_OID, GROUP.rules];
  const rows = (value?.tally ?? []).flatMap((one) => fitting(textIndex(one.rule, true), one));
  return [
    ...scalarLeaves(group, rules, {
      softsetRulesLoaded: () => value?.rules,
      softsetRulesDeciding: () => value?.deciding,
      softsetRulesRefused: () => (value === undefined ? undefined : (value.refused ?? '')),
    }),
    ...tableLeaves(group, ruleTable, rows, {
      softsetRuleFile: ({ file }) => file,
      softsetRuleFired: ({ fired }) => fired,
      softsetRuleHeldBack: ({ heldBack }) => heldBack,
      softsetRuleLastAt: ({ last }) => last?.atMs,
      softsetRuleLastInstance: ({ last }) => last?.instance ?? '',
      softsetRuleLastOutcome: ({ last }) => last?.outcome ?? 'none',
    }),
  ];
}
