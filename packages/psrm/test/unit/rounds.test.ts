import { setTimeout as sleep } from 'node:timers/promises';
import { Rounds } from '@softset/psrm/rounds.js';
import { expect } from 'chai';

describe('rounds of questions', function () {
  this.timeout(20_000);
  const rounds = new Rounds();
  after(() => rounds.close());

  it('asks now and at its pace, until that is not wanted any more', async () => {
    let asked = 0;
    rounds.begin('one', 20, () => ++asked < 5);
    expect(asked).to.equal(1);
    while (asked < 5) await sleep(5);
    await sleep(100);
    expect(asked).to.equal(5);
  });

  it('of one name only the latest is asked, and none that was ended', async () => {
    const asked = { first: 0, second: 0, gone: 0 };
    rounds.begin('one', 20, () => ++asked.first > 0);
    rounds.begin('two', 20, () => ++asked.gone > 0);
    rounds.begin('one', 20, () => ++asked.second > 0);
    rounds.end('two');
    while (asked.second < 4) await sleep(5);
    expect(asked).to.include({ first: 1, gone: 1 });
    rounds.end('one');
  });

  it('many that began together are asked in turns, a few at a time', async () => {
    const atMs: number[] = [];
    const askedBy = new Map<number, number>();
    for (let i = 0; i < 64; i++) {
      rounds.begin(`p${i}`, 640, () => {
        askedBy.set(i, (askedBy.get(i) ?? 0) + 1);
        atMs.push(Math.round(performance.now()));
        return (askedBy.get(i) ?? 0) < 3;
      });
    }
    const first = atMs.length;
    while (atMs.length < 64 * 3) await sleep(10);
    expect([...askedBy.values()]).to.deep.equal(Array(64).fill(3));
    // They wake the loop far less often than once each, and are not one burst either.
    const turns = new Set(atMs.slice(first).map((ms) => Math.round(ms / 20))).size;
    expect(turns).to.be.within(3, 30);
  });
});
