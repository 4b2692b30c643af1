import type { Pdu } from '../agentx/pdu.js';
import type { Value, Varbind } from '../agentx/value.js';
import { compareOids, type Oid } from '../oid.js';

/** What the agent behind is asked: one SNMP message. */
export type Ask =
  | { readonly kind: 'get' | 'get-next'; readonly oids: readonly Oid[] }
  | {
      readonly kind: 'get-bulk';
      readonly oids: readonly Oid[];
      readonly nonRepeaters: number;
      readonly maxRepetitions: number;
    }
  | { readonly kind: 'set'; readonly varbinds: readonly Varbind[] };

type Question = Extract<Pdu, { kind: 'get' | 'get-next' | 'get-bulk' }>;

/** Repetitions of one relayed message: its answer must fit in a datagram, and the manager asks on from where it ends. */
export const REPETITIONS_MAX = 50;

/**
 * RFC 2741's question as RFC 3416's. A range that includes its own start becomes a GETNEXT of the OID in front of it:
 * undefined where there is none.
 */
export function askOf(question: Question): Ask | undefined {
  if (question.kind === 'get') return { kind: 'get', oids: question.ranges.map(({ start }) => start) };
  const oids: Oid[] = [];
  for (const { start, include } of question.ranges) {
    const oid = include ? before(start) : start;
    if (oid === undefined) return undefined;
    oids.push(oid);
  }
  if (!('nonRepeaters' in question)) return { kind: 'get-next', oids };
  const { nonRepeaters, maxRepetitions } = question;
  return { kind: 'get-bulk', oids, nonRepeaters, maxRepetitions: Math.min(maxRepetitions, REPETITIONS_MAX) };
}

/** The greatest OID in front of `oid` that an agent can be asked to go on from. */
function before(oid: Oid): Oid | undefined {
  const last = oid.at(-1);
  if (last === undefined || oid.length < 3) return undefined;
  if (last === 0) return oid.slice(0, -1);
  // Whatever lies between is longer than any name: 2³² − 1 as the next sub-identifier comes behind all.
  return [...oid.slice(0, -1), last - 1, 0xffff_ffff];
}

/**
 * The agent's answer as ours. It is not believed: as many varbinds as were asked for, GET's under the names that were
 * asked, GETNEXT's behind them, and within the range of the question. Undefined where it lies: an agent whose GETNEXT
 * goes back would make the manager walk for ever.
 */
export function answerOf(question: Question, said: readonly Varbind[]): readonly Varbind[] | undefined {
  const { ranges } = question;
  if (question.kind === 'get') {
    const fits = said.length === ranges.length && said.every(({ name }, i) => same(name, ranges[i]?.start ?? []));
    return fits && said.every(({ value }) => value.type !== 'end-of-mib-view') ? said : undefined;
  }
  const single = !('nonRepeaters' in question);
  const nonRepeaters = single ? ranges.length : Math.min(question.nonRepeaters, ranges.length);
  const repeaters = ranges.length - nonRepeaters;
  if (single ? said.length !== ranges.length : said.length < nonRepeaters) return undefined;
  const answer: Varbind[] = [];
  const column = (i: number): number => (i < nonRepeaters ? i : nonRepeaters + ((i - nonRepeaters) % repeaters));
  /** Where each column is. */
  const at = ranges.map(({ start }) => start);
  const ended = ranges.map(() => false);
  for (const [i, { name, value }] of said.entries()) {
    if (i >= nonRepeaters && repeaters === 0) break;
    const which = column(i);
    const range = ranges[which];
    const last = at[which] ?? [];
    if (range === undefined) return undefined;
    const past = range.end.length > 0 && compareOids(name, range.end) >= 0;
    if (ended[which] === true || value.type === 'end-of-mib-view' || past) {
      ended[which] = true;
      answer.push({ name: last, value: END });
      continue;
    }
    const ahead = compareOids(name, last);
    const first = i < ranges.length && range.include;
    if (ahead < 0 || (ahead === 0 && !first)) return undefined;
    if (value.type === 'no-such-object' || value.type === 'no-such-instance') return undefined;
    at[which] = name;
    answer.push({ name, value });
  }
  return answer;
}

const END: Value = { type: 'end-of-mib-view' };
const same = (a: Oid, b: Oid): boolean => compareOids(a, b) === 0;
