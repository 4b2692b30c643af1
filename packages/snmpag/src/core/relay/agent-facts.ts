import type { SnmpAgent, SnmpFact } from '@softset/protocol';
import type { Value, Varbind } from '../agentx/value.js';
import { textOf } from '../octets.js';
import { formatOid, type Oid, parseOid } from '../oid.js';

/** One polled value of an agent, as the cluster file has it. */
export interface FactDef {
  readonly agent: string;
  readonly name: string;
  readonly oid: Oid;
  readonly everyMs: number;
  readonly freshMs: number;
}

export interface HeardFact {
  readonly value: number | string | null;
  readonly heardMs: number;
}

/** By `AGENT/NAME`. */
export type HeardFacts = ReadonlyMap<string, HeardFact>;

const FRESH_TIMES = 3;
/** In one GET: its answer fits a datagram of every agent. */
export const FACTS_OF_A_GET = 32;

export const factKey = ({ agent, name }: Pick<FactDef, 'agent' | 'name'>): string => `${agent}/${name}`;

export function factDefs(agents: readonly SnmpAgent[]): readonly FactDef[] {
  return agents.flatMap(({ name: agent, facts }) =>
    Object.entries(facts).flatMap(([name, { oid, everyMs, freshMs = everyMs * FRESH_TIMES }]) => {
      const read = parseOid(oid);
      return read.ok ? [{ agent, name, oid: read.value, everyMs, freshMs }] : [];
    }),
  );
}

/** What an answer says; an instance that the agent does not have is heard, and unknown. */
export function hearFacts(
  before: HeardFacts,
  asked: readonly FactDef[],
  said: readonly Varbind[],
  nowMs: number,
): HeardFacts {
  const after = new Map(before);
  for (const def of asked) {
    const found = said.find(({ name }) => formatOid(name) === formatOid(def.oid));
    if (found !== undefined) after.set(factKey(def), { value: plainOf(found.value), heardMs: nowMs });
  }
  return after;
}

/** All of them as they stand: what was not heard within its freshness is unknown. */
export function standingFacts(defs: readonly FactDef[], heard: HeardFacts, nowMs: number): readonly SnmpFact[] {
  return defs.map((def) => {
    const { agent, name, freshMs } = def;
    const last = heard.get(factKey(def));
    const ageMs = last === undefined ? null : Math.max(nowMs - last.heardMs, 0);
    const fresh = last !== undefined && ageMs !== null && ageMs < freshMs;
    return { agent, name, value: fresh ? last.value : null, ageMs };
  });
}

/** Whether somebody has to be told: ages alone are no news. */
export function factsDiffer(before: readonly SnmpFact[], after: readonly SnmpFact[]): boolean {
  return (
    before.length !== after.length ||
    after.some(({ name, value }, i) => value !== before[i]?.value || name !== before[i]?.name)
  );
}

export function plainOf(value: Value): number | string | null {
  switch (value.type) {
    case 'integer':
    case 'counter32':
    case 'gauge32':
    case 'time-ticks':
      return value.value;
    case 'counter64':
      return value.value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value.value) : String(value.value);
    case 'oid':
      return formatOid(value.value);
    case 'ip-address':
      return value.value.join('.');
    case 'octets':
    case 'opaque':
      return octetsText(value.value.subarray(0, OCTETS_MAX));
    default:
      return null;
  }
}

const OCTETS_MAX = 255;

/** Text as it is; what is no text, such as a MAC, in hexadecimal pairs with colons. */
function octetsText(octets: Uint8Array): string {
  if (octets.every((octet) => octet >= 0x20 && octet < 0x7f)) return textOf(octets);
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}
