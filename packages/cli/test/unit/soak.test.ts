import { wrongs } from '@softset/cli/soak/matrix.js';
import { Tallying } from '@softset/cli/soak/tally.js';
import type { ObserverReport } from '@softset/lab';
import { expect } from 'chai';

const address = '192.168.1.1';
const report = (change: Partial<ObserverReport> = {}): ObserverReport => ({
  holdersMax: 1,
  holdersInWindowMax: 1,
  timeline: [],
  silencesMs: [],
  unknown: [],
  stallMsMax: 0,
  ...change,
});
const at = (timeMs: number, board: string) => ({ timeMs, address, board });

describe('what a soak counts', () => {
  it('a move is another board than before; the one that was there, and windows that overlap, are none', () => {
    const tallying = new Tallying();
    tallying.add(report({ timeline: [at(0, 'cpu-1')] }), 0, 100);
    tallying.add(report({ timeline: [at(0, 'cpu-1')] }), 100, 200);
    tallying.add(report({ timeline: [at(0, 'cpu-1'), at(250, 'cpu-2')] }), 200, 300);
    tallying.add(report({ timeline: [at(250, 'cpu-2'), at(350, 'cpu-1')] }), 300, 400);
    expect(tallying.tally).to.include({ moves: 2, watchedMs: 400 });
  });

  it('a move before the first window is none', () => {
    const tallying = new Tallying();
    tallying.add(report({ timeline: [at(0, 'cpu-1'), at(900, 'cpu-2'), at(1500, 'cpu-1')] }), 1000, 2000);
    expect(tallying.tally.moves).to.equal(1);
  });

  it('a silence counts where it is longer than 100 ms and the observer’s own; one across windows once', () => {
    const tallying = new Tallying();
    const silence = (fromMs: number, toMs: number | undefined) => ({ address, fromMs, toMs });
    tallying.add(report({ silencesMs: [silence(10, 100)] }), 0, 500);
    tallying.add(report({ silencesMs: [silence(510, 650)], stallMsMax: 50 }), 500, 1000);
    expect(tallying.tally.silences).to.equal(0);
    tallying.add(report({ silencesMs: [silence(1800, undefined)] }), 1000, 2000);
    tallying.add(report({ silencesMs: [silence(1800, 2200)] }), 2000, 3000);
    tallying.add(report({ silencesMs: [silence(1800, 2200), silence(3100, 3300)] }), 3000, 4000);
    expect(tallying.tally).to.include({ silences: 2, silenceMsMax: 400 });
  });

  it('what a stopped process may cost', () => {
    const tally = { moves: 0, silences: 0, silenceMsMax: 0, holdersMax: 1, stallMsMax: 0, watchedMs: 1 };
    const silent = { ...tally, silences: 1, silenceMsMax: 150 };
    const moved = { ...silent, moves: 1 };
    expect(wrongs(tally, 120)).to.deep.equal([]);
    expect(wrongs(silent, 120)).to.have.length(1);
    expect(wrongs(silent, 200)).to.deep.equal([]);
    expect(wrongs(moved, 200)).to.have.length(1);
    expect(wrongs(moved, 10_000)).to.deep.equal([]);
    expect(wrongs({ ...moved, moves: 2 }, 10_000)).to.have.length(1);
    expect(wrongs({ ...moved, holdersMax: 2 }, 10_000)).to.have.length(1);
  });
});
