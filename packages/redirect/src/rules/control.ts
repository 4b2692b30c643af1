import { fail, ok, type Result } from '@softset/base';
import type { RulesMethods } from '@softset/protocol';
import { type MethodTable, noParams } from '@softset/runtime/control-methods.js';
import type { RulesShell } from '../rules-shell.js';

/** Variables of one agent in one call; an agent that has more than rules ask for is not asked for them. */
const VALUES_MAX = 1000;

/** The methods about rules. Errors: `RPC_INVALID_PARAMS`, `FORBIDDEN`. */
export function rulesMethods(rules: Pick<RulesShell, 'summary' | 'onSnmp'>): MethodTable<RulesMethods> {
  return {
    rules: { decode: noParams, handle: () => rules.summary },
    snmpFacts: {
      decode: decodeFacts,
      // Not a mutation by name: each value that an agent is asked for would stand in the journal as a change.
      handle: ({ agent, values }, { uid }) => {
        if (uid !== 0 && uid !== process.getuid?.()) {
          return fail('FORBIDDEN', `user ${uid} may not tell facts here: root or the daemon's own user may`);
        }
        rules.onSnmp(agent, values);
        return {};
      },
    },
  };
}

function decodeFacts(params: unknown): Result<RulesMethods['snmpFacts']['params']> {
  const { agent, values, ...rest } = (params ?? {}) as Record<string, unknown>;
  const extra = Object.keys(rest)[0];
  const wrong = (message: string) => fail('RPC_INVALID_PARAMS', message);
  if (extra !== undefined) return wrong(`${extra}: unknown field; agent and values are known`);
  if (typeof agent !== 'string' || agent === '') return wrong('agent: the name of a board or switch is required');
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return wrong('values: a map is required');
  const entries = Object.entries(values);
  if (entries.length > VALUES_MAX) return wrong(`values: ${entries.length}; at most ${VALUES_MAX}`);
  const bad = entries.find(([, value]) => value !== null && !['string', 'number', 'boolean'].includes(typeof value));
  if (bad !== undefined) return wrong(`values.${bad[0]}: must be a text, a number, true, false or null`);
  return ok({ agent, values: values as RulesMethods['snmpFacts']['params']['values'] });
}
