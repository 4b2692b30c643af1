import { fail, ok, type Result } from '@softset/base';

/** Types of SMIv2 (RFC 2578 §7.1) that a rule can write a value of; by their BER tags. */
const INTEGER = 2;
const OCTET_STRING = 4;
const UNSIGNED = 66;
const NUMBERS: Readonly<Record<number, readonly [low: number, high: number]>> = {
  [INTEGER]: [-0x80000000, 0x7fffffff],
  [UNSIGNED]: [0, 0xffffffff],
};

/** One variable of an agent, with the type that the agent has for it. Errors: `AGENT_SILENT`, `AGENT_REFUSED`, `OBJECT_UNKNOWN`. */
export interface Variable {
  read(oid: string): Promise<Result<{ readonly type: number; readonly value: number | string }>>;
  write(oid: string, type: number, value: number | string): Promise<Result<void>>;
}

/** Objects that are known by name without a MIB at hand, and words for their numbers. */
const OBJECTS: Readonly<Record<string, { readonly oid: string; readonly words?: Readonly<Record<string, number>> }>> = {
  // IF-MIB (RFC 2863).
  ifAdminStatus: { oid: '1.3.6.1.2.1.2.2.1.7', words: { up: 1, down: 2, testing: 3 } },
  ifLinkUpDownTrapEnable: { oid: '1.3.6.1.2.1.31.1.1.1.14', words: { enabled: 1, disabled: 2 } },
  ifPromiscuousMode: { oid: '1.3.6.1.2.1.31.1.1.1.16', words: { true: 1, false: 2 } },
  ifAlias: { oid: '1.3.6.1.2.1.31.1.1.1.18' },
  // SNMPv2-MIB (RFC 3418).
  sysContact: { oid: '1.3.6.1.2.1.1.4' },
  sysName: { oid: '1.3.6.1.2.1.1.5' },
  sysLocation: { oid: '1.3.6.1.2.1.1.6' },
};

/** Names that `objectOf` knows beside those of the cluster file. */
export const OBJECT_NAMES = Object.keys(OBJECTS);

/**
 * The OID of `ifAdminStatus.12`, of a name that the cluster file gives one of the agent's variables (`snmp.agents.NAME.facts`),
 * or of an OID in digits, and what words stand for. Errors: `OBJECT_UNKNOWN`.
 */
export function objectOf(
  object: string,
  facts: Readonly<Record<string, string>>,
): Result<{ readonly oid: string; readonly words: Readonly<Record<string, number>> }> {
  if (/^\d+(\.\d+)+$/.test(object)) return ok({ oid: object, words: {} });
  const own = Object.hasOwn(facts, object) ? facts[object] : undefined;
  if (own !== undefined) return ok({ oid: own, words: {} });
  const [, name = '', index = ''] = /^([A-Za-z0-9]+)((?:\.\d+)+)$/.exec(object) ?? [];
  const known = Object.hasOwn(OBJECTS, name) ? OBJECTS[name] : undefined;
  if (known !== undefined) return ok({ oid: `${known.oid}${index}`, words: known.words ?? {} });
  const names = [...OBJECT_NAMES.map((one) => `${one}.INDEX`), ...Object.keys(facts)].join(', ');
  return fail('OBJECT_UNKNOWN', `no object "${object}"; there are ${names}, and OIDs in digits`);
}

/**
 * Sets it, in the type that the agent has for it, and sees it set: an agent that says yes and does nothing has done
 * nothing. Errors: `OBJECT_UNKNOWN`, `VALUE_UNFIT`, `SET_NOT_SEEN`, and those of the agent.
 */
export async function setObject(
  object: string,
  text: string,
  facts: Readonly<Record<string, string>>,
  agent: Variable,
): Promise<Result<{ readonly oid: string; readonly value: number | string }>> {
  const found = objectOf(object, facts);
  if (!found.ok) return found;
  const { oid, words } = found.value;
  const before = await agent.read(oid);
  if (!before.ok) return before;
  const value = valueFor(text, before.value.type, words);
  if (!value.ok) return fail(value.code, `${object}: ${value.message}`);
  const set = await agent.write(oid, before.value.type, value.value);
  if (!set.ok) return set;
  const after = await agent.read(oid);
  if (!after.ok) return after;
  if (after.value.value === value.value) return ok({ oid, value: value.value });
  return fail('SET_NOT_SEEN', `${object} is ${after.value.value} still, and not ${value.value}`);
}

function valueFor(text: string, type: number, words: Readonly<Record<string, number>>): Result<number | string> {
  if (type === OCTET_STRING) return ok(text);
  const range = NUMBERS[type];
  if (range === undefined) return fail('VALUE_UNFIT', `its type is none that a rule can write (BER tag ${type})`);
  const value = Object.hasOwn(words, text)
    ? (words[text] ?? Number.NaN)
    : /^-?\d+$/.test(text)
      ? Number(text)
      : Number.NaN;
  if (value >= range[0] && value <= range[1]) return ok(value);
  const also = Object.keys(words)
    .map((one) => `, ${one}`)
    .join('');
  return fail('VALUE_UNFIT', `"${text}" is no number from ${range[0]} to ${range[1]}${also}`);
}
