import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { parseRecord, readJournal } from '@softset/redirect/rules/read-journal.js';
import { sessionsOf } from '@softset/redirect/rules/sessions.js';
import { readQuestion, why } from '@softset/redirect/rules/why.js';
import { expect } from 'chai';

const names = {
  boardOf: (id: unknown) => `cpu-${id}`,
  serviceOf: (address: string) => (address === '192.168.1.1' ? 'media' : undefined),
};
let count = 0;
const line = (what: string, fields: object, monotonicMs = ++count): string =>
  `${JSON.stringify({ sequence: count, monotonicMs, time: `2026-01-01T00:00:${String(count % 60).padStart(2, '0')}.000Z`, who: 'rules', what, fields })}\n`;
const records = (...lines: string[]) => lines.flatMap((one) => parseRecord(one.trim(), 'journal'));

describe('rules: reading a journal', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reads the predecessor first, and passes over lines that are torn, foreign or empty', () => {
    const path = join(folder, 'redirectd.journal');
    writeFileSync(`${path}.1`, line('first', {}));
    writeFileSync(path, `null\n42\n{"what":3}\n\n[]\nno json\n${line('second', {})}${line('third', {}).slice(0, 30)}`);
    expect(unwrap(readJournal(path)).map((one) => one.what)).to.deep.equal(['first', 'second']);
    expect(readJournal(join(folder, 'absent'))).to.include({ ok: false, code: 'ENOENT' });
  });

  it('a replay begins at a whole snapshot, goes over later ones, takes no reload for a decision, and ends where its board stood down', () => {
    const sessions = sessionsOf(
      records(
        line('rules-facts', { whole: false, facts: { a: 1 } }),
        line('rules-facts', { whole: true, facts: { a: 1, b: null } }, 100),
        line('rules-perform', { text: 'drain io-1', rule: 'r' }, 150),
        line('rules-perform', { text: 'clear-alarm io-1 RULE', rule: '' }, 160),
        line('rules-facts', { whole: true, facts: { a: 2 } }, 200),
        line('rules-stand', {}, 300),
        line('rules-facts', { whole: false, facts: { a: 3 } }, 400),
        line('rules-facts', { whole: true, facts: { a: 4 } }, 500),
        line('rules-facts', { whole: true, facts: { a: 5 } }, 10),
      ),
    );
    expect(sessions.map((one) => [one.startMs, one.facts.map((each) => each.atMs)])).to.deep.equal([
      [100, [0, 100]],
      [500, [0]],
      [10, [0]],
    ]);
    expect(sessions[0]?.performed).to.deep.equal([{ atMs: 50, text: 'drain io-1', rule: 'r' }]);
    expect(sessions[0]?.facts[0]?.set.get('b')).to.equal(undefined);
  });

  it('each answer is one action’s, in its own place among the facts: one that failed once does not fail for ever', () => {
    const [session] = sessionsOf(
      records(
        line('rules-facts', { whole: true, facts: { a: 1 } }, 100),
        line('rules-perform', { text: 'drain io-1', rule: 'r' }, 110),
        line('rules-done', { action: 'drain io-1', ok: false, message: 'BUSY: x' }, 120),
        line('rules-perform', { text: 'drain io-1', rule: 'r' }, 130),
        line('rules-facts', { whole: false, facts: { a: 2 } }, 140),
        line('rules-done', { action: 'drain io-1', ok: true, message: '' }, 150),
        line('rules-stand', {}, 900),
      ),
    );
    expect(session?.answers).to.deep.equal([
      { text: 'drain io-1', ok: false, message: 'BUSY: x', atMs: 20, afterFacts: 1 },
      { text: 'drain io-1', ok: true, message: '', atMs: 50, afterFacts: 2 },
    ]);
    expect(session?.endMs).to.equal(800);
  });

  it('knows what is asked about', () => {
    expect(readQuestion(['192.168.1.1'], names)).to.deep.equal({ kind: 'service', name: 'media' });
    expect(readQuestion(['voice'], names)).to.deep.equal({ kind: 'service', name: 'voice' });
    expect(readQuestion(['board', 'io-1'], names)).to.deep.equal({ kind: 'board', name: 'io-1' });
    expect(readQuestion(['link', 'io-1'], names)).to.equal(undefined);
    expect(readQuestion([], names)).to.equal(undefined);
  });

  it('answers newest first, with the plan of its own life: numbers begin anew with each daemon', () => {
    const decided = (plan: number, value: string): string =>
      line('rules-decided', {
        plan,
        decision: {
          rule: 'r',
          instance: 'r [io-1]',
          file: 'r.yaml',
          revision: 'abc',
          bindings: { board: 'io-1' },
          grounds: [{ fact: 'board.io-1.state', value }],
        },
      });
    const all = records(
      decided(1, 'down'),
      line('rules-perform', { plan: 1, call: 1, text: 'move media cpu-2' }),
      line('move', { service: 'media', from: 1, to: 2, cause: 'rule r', reasons: [] }),
      line('rules-done', { plan: 1, action: 'move media cpu-2', ok: true, message: '' }),
      line('rules-ended', { plan: 1, outcome: 'done' }),
      decided(1, 'silent'),
      line('rules-done', { plan: 1, action: 'move media cpu-3', ok: false, message: 'RESTS: media moved 3 times' }),
    );
    const lines = why(all, { kind: 'service', name: 'media' }, names);
    const text = lines.join('\n');
    expect(text.indexOf('move media cpu-3: failed: RESTS')).to.be.lessThan(
      text.indexOf('media moved from cpu-1 to cpu-2'),
    );
    expect(lines.filter((one) => one.includes('was silent'))).to.have.length(1);
    expect(lines.filter((one) => one.includes('was down'))).to.have.length(1);
    expect(
      why(all, { kind: 'board', name: 'io-1' }, names).filter((one) => one.includes('rule r [io-1]')),
    ).to.have.length(2);
    expect(why(all, { kind: 'service', name: 'voice' }, names)).to.deep.equal([]);
  });

  it('of a board it tells who had it drained or given work, and nothing of another’s', () => {
    const by = (who: string, board: number, admin: string): string =>
      line('change', { kind: 'admin', board, admin }).replace('"who":"rules"', JSON.stringify({ who }).slice(1, -1));
    const all = records(
      by('rule late', 1, 'drained'),
      by('uid 0', 1, 'in-service'),
      by('uid 0', 2, 'drained'),
      line('change', { kind: 'pin', service: 'media', board: 1 }),
    );
    const lines = why(all, { kind: 'board', name: 'cpu-1' }, names);
    expect(lines.map((one) => one.slice(one.indexOf('  ') + 2))).to.deep.equal([
      'cpu-1 was to be in-service: uid 0',
      'cpu-1 was to be drained: rule late',
    ]);
  });

  it('of a network it tells who had it preferred, of a rule all that it decided', () => {
    const decision = { rule: 'uplink errors', instance: 'uplink errors', grounds: [{ fact: 'x', value: 'down' }] };
    const all = records(
      line('change', { kind: 'prefer', network: 'B' }).replace('"who":"rules"', '"who":"uid 0"'),
      line('rules-decided', { plan: 1, decision }),
      line('change', { kind: 'prefer', network: 'B' }).replace('"who":"rules"', '"who":"rule uplink errors"'),
      line('rules-done', { plan: 1, action: 'prefer-network B', ok: true, message: '' }),
      line('rules-done', { plan: 2, action: 'prefer-network A', ok: true, message: '' }),
    );
    const asked = (...words: string[]) => why(all, readQuestion(words, names) ?? expect.fail(words.join(' ')), names);
    const text = asked('network', 'B').map((one) => one.slice(one.indexOf('  ') + 2));
    expect(text[0]).to.include('rule uplink errors');
    expect(text.filter((one) => one.includes('because x was down'))).to.have.length(1);
    expect(text.at(-1)).to.equal('network B was to be preferred: uid 0');
    expect(asked('rule', 'uplink errors').join('\n')).to.include('prefer-network B: done');
    expect(asked('rule', 'other')).to.deep.equal([]);
  });

  it('fields of a foreign shape are no reason to throw', () => {
    const odd = records(
      line('rules-decided', { decision: 3 }),
      line('move', { service: 'media', reasons: [null, 3, {}] }),
      line('rules-done', { ok: false, action: 'move media x', plan: {} }),
      line('rules-facts', { facts: [1], whole: true }),
    );
    expect(why(odd, { kind: 'service', name: 'media' }, names).length).to.be.greaterThan(0);
    expect(sessionsOf(odd)).to.have.length(1);
  });
});
