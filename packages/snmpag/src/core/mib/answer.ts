import type { Pdu, SearchRange } from '../agentx/pdu.js';
import type { Varbind } from '../agentx/value.js';
import type { MibView } from './view.js';

export type Question = Extract<Pdu, { kind: 'get' | 'get-next' | 'get-bulk' }>;

/**
 * Varbinds of one answer to a GETBULK. An SNMP message over UDP carries some hundreds; the manager asks on from the last
 * one, so fewer than it wanted is always right (RFC 3416 §4.2.3).
 */
export const BULK_VARBINDS_MAX = 4096;

/** The varbinds that answer a question, in the order of RFC 2741 §7.2.3. */
export function answer(view: MibView, question: Question): readonly Varbind[] {
  if (question.kind === 'get-bulk') return bulk(view, question);
  if (question.kind === 'get') return question.ranges.map(({ start }) => view.get(start));
  return question.ranges.map((range) => view.next(range));
}

/** RFC 3416 §4.2.3: the first N names once, then up to M rounds of the R others, each going on from its own last one. */
function bulk(view: MibView, { nonRepeaters, maxRepetitions, ranges }: Extract<Question, { kind: 'get-bulk' }>) {
  const varbinds: Varbind[] = ranges.slice(0, nonRepeaters).map((range) => view.next(range));
  let repeating: SearchRange[] = ranges.slice(nonRepeaters);
  if (repeating.length === 0) return varbinds;
  for (let round = 0; round < maxRepetitions; round++) {
    if (varbinds.length + repeating.length > BULK_VARBINDS_MAX) break;
    const found = repeating.map((range) => view.next(range));
    varbinds.push(...found);
    // Once all of them are at their end, further rounds would say so again.
    if (found.every(({ value }) => value.type === 'end-of-mib-view')) break;
    repeating = repeating.map(({ end }, i) => ({ start: found[i]?.name ?? [], include: false, end }));
  }
  return varbinds;
}
