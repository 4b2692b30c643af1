import type { Program } from '@softset/protocol';
import { checkOrder } from '@softset/protocol/order-check.js';
import { stopMsOf } from '@softset/protocol/stop-time.js';
import { expect } from 'chai';

interface Entry {
  readonly after?: readonly string[];
  readonly requires?: readonly string[];
  readonly boards?: readonly number[];
  readonly stopMs?: number;
}

const of = (entries: Readonly<Record<string, Entry>>): readonly Program[] =>
  Object.entries(entries).map(([name, { after = [], requires = [], boards = [1], stopMs = 1000 }]) => {
    const stop = { signal: 'TERM', timeoutMs: stopMs };
    return { name, after, requires, boards, stop } as unknown as Program;
  });
const findings = (entries: Readonly<Record<string, Entry>>): readonly string[] =>
  checkOrder(of(entries), (name) => `unknown ${name}`).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the order of programs, checked', () => {
  it('is good where nothing comes round', () => {
    expect(findings({ db: {}, log: {}, web: { requires: ['db'], after: ['log', 'db'] } })).to.deep.equal([]);
  });

  it('names a circle once, whoever is in it, and only them', () => {
    expect(
      findings({ c: { after: ['a'] }, a: { after: ['b'] }, b: { requires: ['c'] }, d: { after: ['a'] } }),
    ).to.deep.equal(['programs.a: waits for itself: a after b after c after a']);
    expect(findings({ a: { requires: ['a'] } })).to.deep.equal(['programs.a: waits for itself: a after a']);
  });

  it('names a stranger, and what does not run wherever it is required; after may be elsewhere', () => {
    expect(
      findings({ db: { boards: [1] }, web: { boards: [1, 2], requires: ['db', 'nobody'], after: ['db'] } }),
    ).to.deep.equal([
      'programs.web.requires.0: db does not run on every board that runs web',
      'programs.web.requires.1: unknown nobody',
    ]);
  });

  it('a stop may take as long as the longest way of those that stand on it', () => {
    const all = of({
      db: { stopMs: 100 },
      web: { requires: ['db'], stopMs: 200 },
      top: { after: ['web'], stopMs: 50 },
      log: { after: ['db'], stopMs: 220 },
    });
    const [db, web] = all;
    expect(db && stopMsOf(db, all)).to.equal(350);
    expect(web && stopMsOf(web, all)).to.equal(250);
  });
});
