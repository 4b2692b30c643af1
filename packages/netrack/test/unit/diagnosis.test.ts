import { diagnose } from '@softset/netrack/core/diagnosis/diagnose.js';
import { FaultBook } from '@softset/netrack/core/diagnosis/fault-book.js';
import type { BoardId, Cluster, Network } from '@softset/protocol/cluster.js';
import type { Fault } from '@softset/protocol/methods/netrack.js';
import type { PulseBoard, PulseReport } from '@softset/protocol/pulse-socket.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { ALL_WELL, type Chassis, chassis, see } from './diagnosis-world.js';

const lines = (faults: readonly Fault[]): string[] => faults.map((f) => `${f.kind} ${f.target}: ${f.evidence}`);
const names = (faults: readonly Fault[]): string[] => faults.map((f) => `${f.kind} ${f.target}`);
const look = (
  change: Partial<Chassis>,
  alter?: (report: PulseReport) => PulseReport,
  cluster: Cluster = chassis(),
): Fault[] => {
  const report = see(cluster, 1, { ...ALL_WELL, ...change });
  return diagnose(cluster, 1, alter === undefined ? report : alter(report), 5000);
};
const change =
  (board: BoardId, fields: Partial<PulseBoard>) =>
  (report: PulseReport): PulseReport => ({
    ...report,
    boards: report.boards.map((b) => (b.board === board ? { ...b, ...fields } : b)),
  });
/** Nothing passes over these links, in either direction. */
const links =
  (...dead: string[]) =>
  (x: BoardId, y: BoardId, network: Network): boolean =>
    !dead.includes(`${x}${network}`) && !dead.includes(`${y}${network}`);

describe('diagnosis', function () {
  this.timeout(60_000);
  it('finds nothing wrong with seven boards that all hear each other on both networks', () => {
    expect(look({})).to.deep.equal([]);
  });

  it('names network A when it fails with its carrier: one fault, not seven links (002 Fig. 8 (1), ¶0027)', () => {
    const faults = look({ passes: (_x, _y, n) => n === 'B', carrier: (_x, n) => n === 'B' });
    expect(lines(faults)).to.deep.equal(['network-failed A: all 7 boards lost carrier on A; nothing passes']);
  });

  it('names network A when the news of lost carrier has come from some boards only', () => {
    const faults = look({ passes: (_x, _y, n) => n === 'B', carrier: (x, n) => n === 'B' || x > 3 });
    expect(lines(faults)).to.deep.equal(['network-failed A: 3 of 7 boards lost carrier on A; nothing passes']);
  });

  it('names network A mute when it keeps its carrier and passes nothing', () => {
    const faults = look({ passes: (_x, _y, n) => n === 'B' });
    expect(lines(faults)).to.deep.equal(['network-mute A: carrier on A at 7 boards, and none hears another there']);
  });

  for (const board of [1, 3]) {
    it(`names the link of board ${board} (self is 1) to network A, which lost its carrier (002 Fig. 8 (2), ¶0027)`, () => {
      const name = board === 1 ? 'cpu-1' : 'io-1';
      const faults = look({ passes: links(`${board}A`), carrier: (x, n) => !(x === board && n === 'A') });
      expect(lines(faults)).to.deep.equal([`link-failed ${name}:A: ${name} has no carrier on A; on B heard by all 6`]);
    });

    it(`names the link of board ${board} that passes nothing though it has carrier (002 Fig. 8 (2), ¶0027)`, () => {
      const name = board === 1 ? 'cpu-1' : 'io-1';
      const faults = look({ passes: links(`${board}A`) });
      expect(lines(faults)).to.deep.equal([`link-failed ${name}:A: ${name} heard by nobody on A; on B heard by all 6`]);
    });
  }

  it('names a board that fails completely: one fault, and no links (002 Fig. 8 (3), ¶0027)', () => {
    const faults = look({ down: [3] });
    expect(lines(faults)).to.deep.equal([
      'board-failed io-1: io-1 heard by nobody on A or B, and its kernel does not answer',
    ]);
    expect(faults[0]?.sinceMs, 'the time of the verdict').to.equal(4000);
  });

  it('names both causes when there are two: a dead network and a dead board', () => {
    const faults = look({ down: [3], passes: (_x, _y, n) => n === 'B', carrier: (_x, n) => n === 'B' });
    expect(names(faults)).to.deep.equal(['network-failed A', 'board-failed io-1']);
  });

  it('names its own link, and a board that it does not hear by the other one either', () => {
    const faults = look({ passes: links('1A', '3B') }, change(3, { verdict: 'unheard' }));
    expect(names(faults)).to.deep.equal(['link-failed cpu-1:A', 'board-unheard io-1']);
  });

  it('does not name a board that it cannot hear for faults that it names already', () => {
    // Network A is dead, and on B it hears nobody, though it is heard.
    const passes = (x: BoardId, _y: BoardId, n: Network): boolean => n === 'B' && x !== 1;
    const faults = look({ passes, carrier: (_x, n) => n === 'B' }, change(3, { verdict: 'unheard' }));
    expect(names(faults)).to.include('network-failed A').and.to.not.include('board-unheard io-1');
  });

  it('says nothing of a board that goes down on purpose (002 ¶0025), or has not been judged yet', () => {
    expect(look({ down: [3] }, change(3, { verdict: 'down', leaving: true }))).to.deep.equal([]);
    expect(look({}, change(3, { verdict: 'unknown' }))).to.deep.equal([]);
    expect(look({}, change(3, { verdict: 'silent' }))).to.deep.equal([]);
  });

  it('names a stalled board, and says when only its pulse has ended', () => {
    expect(lines(look({}, change(3, { verdict: 'stalled' })))).to.deep.equal([
      'board-stalled io-1: io-1 sends no beats, and its kernel answers',
    ]);
    expect(look({}, change(3, { verdict: 'stalled', pulseDead: true }))[0]?.evidence).to.contain('its pulse has ended');
  });

  it('names a board that another hears and this one does not', () => {
    expect(names(look({}, change(3, { verdict: 'unheard' })))).to.deep.equal(['board-unheard io-1']);
  });

  it('names itself isolated, and accuses nobody else', () => {
    const faults = look({ down: [2, 3, 4, 5, 6, 7] }, (report) => ({ ...report, isolated: true }));
    expect(lines(faults)).to.deep.equal([
      'board-isolated cpu-1: cpu-1 hears nobody and no kernel answers; A has carrier, B has carrier',
    ]);
  });

  it('names a direction between two boards that does not pass', () => {
    const faults = look({ passes: (x, y, n) => !(x === 4 && y === 3 && n === 'A') });
    expect(lines(faults)).to.deep.equal(['one-way io-1:A: io-1 hears io-2 on A, and is not heard back']);
  });

  it('names a board that nobody hears on a network where it hears all: once', () => {
    const faults = look({ passes: (_x, y, n) => !(y === 3 && n === 'A') });
    expect(names(faults)).to.deep.equal(['one-way io-1:A']);
  });

  it('names a board that hears nobody on a network where all hear it: once', () => {
    const faults = look({ passes: (x, _y, n) => !(x === 3 && n === 'A') });
    expect(lines(faults)).to.deep.equal(['one-way io-1:A: io-1 hears nobody on A, and is heard by all 6']);
  });

  it('names a partition when boards fall silent together, and the lack of a quorum beside it', () => {
    const faults = look({ down: [2, 6, 7] });
    expect(names(faults)).to.deep.equal(['partition cpu-2', 'no-quorum chassis']);
    expect(faults[0]?.evidence).to.equal('cut off from 4 boards on A and B at once: cpu-2, ccn, router-1');
    expect(faults[1]?.evidence).to.equal('1 of 3 votes present, 2 needed');
  });

  it('names two failed boards when they failed at different times', () => {
    const faults = look({ down: [3, 4] }, change(4, { verdict: 'down', sinceMs: 4900 }));
    expect(names(faults)).to.deep.equal(['board-failed io-1', 'board-failed io-2']);
  });

  it('names a partition when boards hear us and are heard by us in one direction only', () => {
    const far = (id: BoardId): boolean => id > 4;
    // The far set's frames arrive here; nothing of ours arrives there.
    const faults = look({ passes: (x, y) => !(far(x) && !far(y)) });
    expect(names(faults)).to.include('partition io-3');
  });

  it('names lost daemons, and asks for psrmd only where programs run', () => {
    const lost = look({}, change(2, { daemons: ['netrackd'] }));
    expect(lines(lost)).to.deep.equal([
      'daemon-lost cpu-2: cpu-2 beats, but not heard of within 1 s there: redirectd, psrmd',
    ]);
    expect(look({}, change(3, { daemons: ['netrackd', 'redirectd'] }))).to.deep.equal([]);
    const own = look({}, (report) => ({ ...report, daemons: ['netrackd', 'psrmd'] }));
    expect(names(own)).to.deep.equal(['daemon-lost cpu-1']);
  });

  it('counts no vote of a board that has lost its memory', () => {
    const forgetful = (report: PulseReport): PulseReport =>
      change(2, { amnesiac: true })({ ...report, amnesiac: true });
    expect(lines(look({}, forgetful))).to.deep.equal(['no-quorum chassis: 1 of 3 votes present, 2 needed']);
  });

  it('a board that left for good is no fault when it is not there, and its vote is not missed', () => {
    const report = see(chassis(), 1, { ...ALL_WELL, down: [2, 6] });
    expect(names(diagnose(chassis(), 1, report, 5000))).to.include('no-quorum chassis');
    expect(names(diagnose(chassis(), 1, report, 5000, [2, 6]))).to.deep.equal([]);
    // While it is there, what is wrong with it is told like that of any other.
    const lost = change(2, { daemons: ['netrackd'] })(see(chassis(), 1, ALL_WELL));
    expect(names(diagnose(chassis(), 1, lost, 5000, [2]))).to.deep.equal(['daemon-lost cpu-2']);
  });

  it('tells that a configuration differs, as the pulse found', () => {
    const alarm = { cause: 'CONFIG_DIFFERS', object: 'io-1', text: 'x'.repeat(300) } as const;
    const [fault] = look({}, (report) => ({ ...report, alarms: [alarm] }));
    expect([fault?.kind, fault?.target, fault?.evidence.length]).to.deep.equal(['config-differs', 'io-1', 100]);
  });

  it('names one link of two boards, not the network', () => {
    const small = chassis(2);
    const report = see(small, 1, { ...ALL_WELL, passes: links('2A'), carrier: (x, n) => !(x === 2 && n === 'A') });
    expect(names(diagnose(small, 1, report, 5000))).to.deep.equal(['link-failed cpu-2:A']);
  });

  it('names each fault once, in at most 100 characters, whatever is reported', () => {
    const cluster = chassis();
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.constantFrom('up', 'up', 'down', 'stalled', 'unheard', 'silent')),
        (coins, verdicts) => {
          const flip = (): boolean => coins.next().value === true;
          const report = see(cluster, 1, { ...ALL_WELL, passes: flip, carrier: flip });
          const boards = report.boards.map((b) => ({ ...b, verdict: verdicts.next().value as PulseBoard['verdict'] }));
          const faults = diagnose(cluster, 1, { ...report, boards }, 5000);
          expect(new Set(names(faults)).size).to.equal(faults.length);
          for (const fault of faults) expect(fault.evidence.length).to.be.within(1, 100);
        },
      ),
    );
  });
});

describe('fault book', () => {
  const fault: Fault = { kind: 'link-failed', target: 'io-1:A', sinceMs: 100, evidence: 'before' };

  it('keeps the time at which a fault began while it stands, and forgets it with the fault', () => {
    const book = new FaultBook(10);
    expect(book.note([fault], 100)[0]?.sinceMs).to.equal(100);
    const later = book.note([{ ...fault, sinceMs: 900, evidence: 'after' }], 900);
    expect([later[0]?.sinceMs, later[0]?.evidence]).to.deep.equal([100, 'after']);
    book.note([], 950);
    expect(book.note([{ ...fault, sinceMs: 999 }], 999)[0]?.sinceMs).to.equal(999);
  });

  it('tells of a one-way fault only after five intervals, since it may be a board falling silent', () => {
    const book = new FaultBook(10);
    const oneWay: Fault = { ...fault, kind: 'one-way' };
    expect(book.note([oneWay], 100)).to.deep.equal([]);
    expect(book.nextMs(100)).to.equal(150);
    expect(book.note([{ ...oneWay, sinceMs: 149 }], 149)).to.deep.equal([]);
    expect(book.note([{ ...oneWay, sinceMs: 150 }], 150)).to.deep.equal([oneWay]);
    expect(book.nextMs(150)).to.equal(undefined);
  });
});
