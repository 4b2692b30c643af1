import type { SearchRange } from '@softset/snmpag/core/agentx/pdu.js';
import type { Value, Varbind } from '@softset/snmpag/core/agentx/value.js';
import { mergedIndices, SPAN } from '@softset/snmpag/core/entity/inventory.js';
import { parseOid } from '@softset/snmpag/core/oid.js';
import { agentxError } from '@softset/snmpag/core/relay/errors.js';
import { answerOf, askOf, REPETITIONS_MAX } from '@softset/snmpag/core/relay/question.js';
import { FRESH_MS, ReadAhead, WALKS_MAX } from '@softset/snmpag/core/relay/read-ahead.js';
import {
  mayAsk,
  newTarget,
  onAnswer,
  onProbe,
  onSilence,
  onVerdict,
  PROBE_MS,
  type Target,
} from '@softset/snmpag/core/relay/target.js';
import { expect } from 'chai';

const oid = (text: string) => {
  const read = parseOid(text);
  if (!read.ok) throw new Error(read.message);
  return read.value;
};
const number = (value: number): Value => ({ type: 'integer', value });
const row = (name: string, value: Value = number(1)): Varbind => ({ name: oid(name), value });
const END: Value = { type: 'end-of-mib-view' };
const head = { session: 1, transaction: 1, packet: 1, order: 'big' } as const;
const range = (start: string, end = '', include = false): SearchRange => ({
  start: oid(start),
  end: end === '' ? [] : oid(end),
  include,
});
const get = (...starts: string[]) => ({ ...head, kind: 'get' as const, ranges: starts.map((one) => range(one)) });
const next = (...ranges: SearchRange[]) => ({ ...head, kind: 'get-next' as const, ranges });
const bulk = (nonRepeaters: number, maxRepetitions: number, ...ranges: SearchRange[]) => ({
  ...head,
  kind: 'get-bulk' as const,
  nonRepeaters,
  maxRepetitions,
  ranges,
});

describe('an agent behind: whether it is worth asking', () => {
  const fresh = newTarget(0);
  const answering = onAnswer(fresh, 10);
  const silent = onSilence(answering, 20);
  const down = onVerdict(answering, true, 30);
  /** State × event: phase that comes of it, and whether it may be asked. */
  const cells: readonly (readonly [string, Target, string, boolean])[] = [
    ['unasked, answer', onAnswer(fresh, 50), 'answering', true],
    ['unasked, silence', onSilence(fresh, 50), 'silent', false],
    ['unasked, down', onVerdict(fresh, true, 50), 'down', false],
    ['unasked, not down', onVerdict(fresh, false, 50), 'unasked', true],
    ['answering, answer', onAnswer(answering, 50), 'answering', true],
    ['answering, silence', onSilence(answering, 50), 'silent', false],
    ['answering, down', onVerdict(answering, true, 50), 'down', false],
    ['answering, not down', onVerdict(answering, false, 50), 'answering', true],
    ['silent, answer', onAnswer(silent, 50), 'answering', true],
    ['silent, silence', onSilence(silent, 50), 'silent', false],
    ['silent, down', onVerdict(silent, true, 50), 'down', false],
    ['silent, not down', onVerdict(silent, false, 50), 'silent', false],
    ['down, a late answer', onAnswer(down, 50), 'down', false],
    ['down, silence', onSilence(down, 50), 'down', false],
    ['down, down', onVerdict(down, true, 50), 'down', false],
    ['down, not down', onVerdict(down, false, 50), 'unasked', true],
  ];
  for (const [title, is, phase, may] of cells) {
    it(`${title}: ${phase}`, () => {
      expect(is.phase).to.equal(phase);
      expect(mayAsk(is)).to.equal(may);
    });
  }

  it('a silent one is probed at once, then every second; one that is down never', () => {
    expect(silent.probeMs).to.equal(20);
    expect(onProbe(silent, 20).probeMs).to.equal(20 + PROBE_MS);
    expect(onSilence(onProbe(silent, 20), 500).probeMs).to.equal(500 + PROBE_MS);
    expect(down.probeMs).to.equal(Number.POSITIVE_INFINITY);
  });

  it('ages begin with the state, and are not renewed by the same word again', () => {
    expect(onSilence(silent, 99).sinceMs).to.equal(20);
    expect(onAnswer(answering, 99)).to.include({ sinceMs: 10, heardMs: 99 });
    expect(onVerdict(down, true, 99).sinceMs).to.equal(30);
  });
});

describe("AgentX's question as SNMP's", () => {
  it('GETNEXT from a start that is included asks from in front of it', () => {
    expect(askOf(next(range('1.3.6.5', '', true)))).to.deep.equal({
      kind: 'get-next',
      oids: [[1, 3, 6, 4, 0xffff_ffff]],
    });
    expect(askOf(next(range('1.3.6.0', '', true)))).to.deep.equal({ kind: 'get-next', oids: [[1, 3, 6]] });
    expect(askOf(next(range('1.3', '', true)))).to.equal(undefined);
    expect(askOf(next(range('1.3.6.5')))).to.deep.equal({ kind: 'get-next', oids: [[1, 3, 6, 5]] });
  });

  it('GETBULK is bounded', () => {
    expect(askOf(bulk(0, 65_535, range('1.3')))).to.include({ maxRepetitions: REPETITIONS_MAX });
  });

  const good: readonly (readonly [string, Parameters<typeof answerOf>[0], readonly Varbind[], readonly Varbind[]])[] = [
    ['GET', get('1.3.1.0', '1.3.2.0'), [row('1.3.1.0'), row('1.3.2.0')], [row('1.3.1.0'), row('1.3.2.0')]],
    [
      'GET of what is not there',
      get('1.3.1.0'),
      [row('1.3.1.0', { type: 'no-such-object' })],
      [row('1.3.1.0', { type: 'no-such-object' })],
    ],
    ['GETNEXT', next(range('1.3.1')), [row('1.3.1.0')], [row('1.3.1.0')]],
    ['GETNEXT at the end', next(range('1.3.9')), [row('1.3.9', END)], [row('1.3.9', END)]],
    ['GETNEXT past the range', next(range('1.3.1', '1.3.2')), [row('1.3.2.0')], [row('1.3.1', END)]],
    ['GETNEXT with its start included', next(range('1.3.1.0', '', true)), [row('1.3.1.0')], [row('1.3.1.0')]],
    [
      'GETBULK of one name and two columns',
      bulk(1, 2, range('1.3.1'), range('1.3.2'), range('1.3.3')),
      ['1.3.1.0', '1.3.2.1', '1.3.3.1', '1.3.2.2', '1.3.3.2'].map((name) => row(name)),
      ['1.3.1.0', '1.3.2.1', '1.3.3.1', '1.3.2.2', '1.3.3.2'].map((name) => row(name)),
    ],
    [
      'GETBULK where a column leaves its range: it stays at its end',
      bulk(0, 3, range('1.3.1', '1.3.2')),
      [row('1.3.1.1'), row('1.3.2.1'), row('1.3.2.2')],
      [row('1.3.1.1'), row('1.3.1.1', END), row('1.3.1.1', END)],
    ],
    ['GETBULK that is shorter than asked', bulk(0, 9, range('1.3.1')), [row('1.3.1.1')], [row('1.3.1.1')]],
  ];
  for (const [title, question, said, wanted] of good) {
    it(`${title}: taken`, () => {
      expect(answerOf(question, said)).to.deep.equal(wanted);
    });
  }

  const lies: readonly (readonly [string, Parameters<typeof answerOf>[0], readonly Varbind[]])[] = [
    ['GET answered under another name', get('1.3.1.0'), [row('1.3.2.0')]],
    ['GET with a varbind too few', get('1.3.1.0', '1.3.2.0'), [row('1.3.1.0')]],
    ['GET with one too many', get('1.3.1.0'), [row('1.3.1.0'), row('1.3.2.0')]],
    ['GET that says endOfMibView', get('1.3.1.0'), [row('1.3.1.0', END)]],
    ['GETNEXT that goes back', next(range('1.3.2')), [row('1.3.1.0')]],
    ['GETNEXT that stays', next(range('1.3.1.0')), [row('1.3.1.0')]],
    ['GETNEXT that says noSuchObject', next(range('1.3.1')), [row('1.3.1.0', { type: 'no-such-object' })]],
    ['GETNEXT with nothing', next(range('1.3.1')), []],
    ['GETBULK whose second round goes back', bulk(0, 2, range('1.3.1')), [row('1.3.1.5'), row('1.3.1.4')]],
    ['GETBULK without its non-repeaters', bulk(2, 1, range('1.3.1'), range('1.3.2')), [row('1.3.1.0')]],
  ];
  for (const [title, question, said] of lies) {
    it(`${title}: a lie`, () => {
      expect(answerOf(question, said)).to.equal(undefined);
    });
  }

  it("errors of v2 keep their numbers, those of v1 get the nearest, and AgentX's own are never an agent's", () => {
    expect([5, 17, 10, 18].map(agentxError)).to.deep.equal([5, 17, 10, 18]);
    expect([1, 2, 3, 4, 0, 99, 257, 266].map(agentxError)).to.deep.equal([5, 6, 10, 17, 5, 5, 5, 5]);
  });
});

describe('a walk of an agent behind is read ahead', () => {
  it('only who goes on from a name that was given is walking; the first question is live', () => {
    const ahead = new ReadAhead();
    expect(ahead.take(range('1.3.1'), 0)).to.equal(undefined);
    ahead.give(oid('1.3.1.1'), [], 0);
    expect(ahead.take(range('1.3.1.1'), 0)).to.equal('walking');
    ahead.give(oid('1.3.1.2'), [row('1.3.1.3'), row('1.3.1.4')], 0);
    expect(ahead.take(range('1.3.1.2'), 0)).to.deep.equal(row('1.3.1.3'));
    expect(ahead.take(range('1.3.1.2'), 0), 'once').to.equal(undefined);
    expect(ahead.take(range('1.3.1.3'), 0)).to.deep.equal(row('1.3.1.4'));
    expect(ahead.take(range('1.3.1.4'), 0), 'used up').to.equal('walking');
  });

  it(`what is older than ${FRESH_MS} ms is read again`, () => {
    const ahead = new ReadAhead();
    ahead.give(oid('1.3.1.1'), [row('1.3.1.2')], 0);
    expect(ahead.take(range('1.3.1.1'), FRESH_MS)).to.equal('walking');
  });

  it("what lies behind the range, or is an end, is the agent's own to say", () => {
    const ahead = new ReadAhead();
    ahead.give(oid('1.3.1.1'), [row('1.3.2.1')], 0);
    expect(ahead.take(range('1.3.1.1', '1.3.2'), 0)).to.equal('walking');
    ahead.give(oid('1.3.1.1'), [row('1.3.1.1', END)], 0);
    expect(ahead.take(range('1.3.1.1'), 0)).to.equal('walking');
    ahead.give(oid('1.3.1.1'), [row('1.3.1.2')], 0);
    expect(ahead.take(range('1.3.1.1', '', true), 0), 'a start that is included is no walk').to.equal(undefined);
  });

  it(`${WALKS_MAX} walks are followed, and nothing outlives a SET`, () => {
    const ahead = new ReadAhead();
    for (let i = 0; i <= WALKS_MAX; i++) ahead.give(oid(`1.3.${i}`), [row(`1.3.${i}.1`)], 0);
    expect(ahead.take(range('1.3.0'), 0), 'the oldest').to.equal(undefined);
    expect(ahead.take(range('1.3.1'), 0)).to.deep.equal(row('1.3.1.1'));
    ahead.clear();
    expect(ahead.take(range('1.3.2'), 0)).to.equal(undefined);
  });
});

describe('merged indices', () => {
  it("are the agent's number and its own ifIndex, whatever order they come in", () => {
    expect([...mergedIndices(3, [7, 1])]).to.deep.equal([
      [1, 3_000_001],
      [7, 3_000_007],
    ]);
  });

  it('great ones share the upper half, and never meet', () => {
    const huge = [436_207_616, 436_207_616 + 500_000, 0x7fff_ffff, 499_999, 500_000, 999_999];
    const merged = mergedIndices(65, huge);
    expect(new Set(merged.values()).size).to.equal(huge.length);
    for (const index of merged.values()) expect(Math.floor(index / SPAN)).to.equal(65);
    expect(mergedIndices(65, [...huge].reverse()), 'the same on each board').to.deep.equal(merged);
  });
});
