import type { Effect, End, Event, Wrapping } from '@softset/psrm/core/events.js';
import { pauseMs } from '@softset/psrm/core/pace.js';
import { initial, kept, restored, type State } from '@softset/psrm/core/state.js';
import { step } from '@softset/psrm/core/step.js';
import { expect } from 'chai';
import { eventOf, instance, wrapping } from '../wrapping.js';

/** A program whose spawns succeed and whose dead are cleaned at once, as in a quiet kernel. */
class Walk {
  state: State = initial;
  nowMs = 0;
  effects: Effect[] = [];
  readonly config: Wrapping;

  constructor(config: Partial<Wrapping> = {}) {
    this.config = { ...wrapping, ...config };
  }

  tell(event: Event): this {
    const next = step(this.state, event, this.nowMs, this.config);
    this.state = next.state;
    this.effects.push(...next.effects);
    for (const effect of next.effects) {
      if (effect.kind === 'spawn') this.tell({ kind: 'spawned', instance: instance(effect.number, this.nowMs) });
      if (effect.kind === 'clean') {
        this.tell({ kind: 'gone', number: effect.instance.number, thorough: effect.thorough });
      }
    }
    return this;
  }

  die(end: End = { kind: 'exit', code: 1 }): this {
    return this.tell({ kind: 'exited', number: this.state.number, end });
  }

  miss(): this {
    return this.tell({ kind: 'missed', number: this.state.number });
  }

  count(kind: Effect['kind']): number {
    return this.effects.filter((effect) => effect.kind === kind).length;
  }
}

describe('restart', () => {
  it('restarts a first and a second death at once', () => {
    const walk = new Walk().tell({ kind: 'start' }).die().die();
    expect(walk.state).to.include({ phase: 'up', restarts: 2, number: 3 });
    expect(walk.count('spawn')).to.equal(3);
  });

  it('gives up at the third death within the window (002 ¶0030)', () => {
    const walk = new Walk().tell({ kind: 'start' });
    for (const nowMs of [1000, 5000, 10_999]) {
      walk.nowMs = nowMs;
      walk.die();
    }
    expect(walk.state).to.include({ phase: 'failed', wanted: true, restarts: 2, lastEnd: 'exit 1' });
  });

  it('goes on where the first of three deaths left the window', () => {
    const walk = new Walk().tell({ kind: 'start' });
    for (const nowMs of [1000, 5000, 11_000]) {
      walk.nowMs = nowMs;
      walk.die();
    }
    expect(walk.state, 'the third repeat in a row pauses').to.include({ phase: 'starting', restarts: 3 });
  });

  it('an ordered start of a failed program clears its counts', () => {
    const walk = new Walk().tell({ kind: 'start' }).die().die().die();
    expect(walk.state.phase).to.equal('failed');
    walk.tell({ kind: 'start' });
    expect(walk.state).to.include({ phase: 'up', restarts: 0, streak: 0 });
    expect(walk.state.deathsMs).to.deep.equal([]);
  });

  it('a start that is repeated changes nothing, so that an order asserted again does not defeat giving up', () => {
    const walk = new Walk().tell({ kind: 'start' }).die().tell({ kind: 'start' }).die().tell({ kind: 'start' }).die();
    expect(walk.state.phase).to.equal('failed');
  });

  it('slows only repeats, up to a second', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 90].map((streak) => pauseMs(streak, wrapping.pause))).to.deep.equal([
      0, 0, 50, 100, 200, 400, 800, 1000, 1000,
    ]);
    const walk = new Walk({ giveUp: { deaths: 9, withinMs: 60_000 } }).tell({ kind: 'start' }).die().die().die();
    expect(walk.state).to.include({ phase: 'starting', pausedUntilMs: 50 });
    walk.nowMs = 49;
    walk.tell({ kind: 'tick' });
    expect(walk.state.phase).to.equal('starting');
    walk.nowMs = 50;
    walk.tell({ kind: 'tick' });
    expect(walk.state.phase).to.equal('up');
    walk.nowMs = 20_000;
    walk.die();
    expect(walk.state, 'a quiet time makes it a first death again').to.include({ phase: 'up', streak: 1 });
  });

  const ends = [
    { name: 'exit 0', end: { kind: 'exit', code: 0 }, permanent: 'up', transient: 'stopped', temporary: 'stopped' },
    { name: 'exit 1', end: { kind: 'exit', code: 1 }, permanent: 'up', transient: 'up', temporary: 'failed' },
    {
      name: 'a signal',
      end: { kind: 'signal', signal: 'SIGSEGV' },
      permanent: 'up',
      transient: 'up',
      temporary: 'failed',
    },
    { name: 'an unseen end', end: { kind: 'unseen' }, permanent: 'up', transient: 'up', temporary: 'failed' },
  ] as const;
  for (const { name, end, ...after } of ends) {
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      it(`${restart} after ${name}: ${after[restart]}`, () => {
        expect(new Walk({ restart }).tell({ kind: 'start' }).die(end).state.phase).to.equal(after[restart]);
      });
    }
  }

  it('a spawn that fails is a death, and says why', () => {
    let state: State = initial;
    state = step(state, { kind: 'start' }, 0, wrapping).state;
    for (let number = 1; number <= 3; number++) {
      expect(state.phase).to.equal('starting');
      state = step(state, eventOf('spawn-failed', number), number, wrapping).state;
    }
    expect(state).to.include({ phase: 'failed', lastEnd: 'not started: ENOENT' });
  });
});

const never = Number.POSITIVE_INFINITY;
const probeOf = (more: object): Wrapping['probe'] => wrapping.probe && { ...wrapping.probe, ...more };

describe('probes', () => {
  it('silence in the grace is no fault', () => {
    const walk = new Walk().tell({ kind: 'start' });
    walk.nowMs = 1999;
    walk.miss().miss().miss();
    expect(walk.state).to.include({ phase: 'up', missed: 0 });
  });

  it('one miss is trouble, an answer ends it, three in a row are a hang that ends in a restart', () => {
    const walk = new Walk().tell({ kind: 'start' });
    walk.nowMs = 2000;
    walk.miss();
    expect(walk.state.phase).to.equal('in-trouble');
    walk.tell({ kind: 'answered', number: 1 });
    expect(walk.state).to.include({ phase: 'ready', missed: 0 });
    walk.miss().miss().miss();
    expect(walk.state).to.include({ phase: 'not-responding', killAtMs: 5000 });
    expect(walk.effects).to.deep.include({ kind: 'signal', instance: instance(1), signal: 'SIGTERM' });
    walk.nowMs = 4999;
    walk.tell({ kind: 'tick' });
    expect(walk.count('kill'), 'not before its time').to.equal(0);
    walk.nowMs = 5000;
    walk.tell({ kind: 'tick' });
    expect(walk.count('kill')).to.equal(1);
    walk.die({ kind: 'signal', signal: 'SIGKILL' });
    expect(walk.state).to.include({ phase: 'up', number: 2, restarts: 1, lastEnd: 'signal KILL' });
  });

  it('hang.action: move ends it for real, and gives it up at the first hang; that outlives psrmd', () => {
    const walk = new Walk({ hang: { action: 'move' } }).tell({ kind: 'start' });
    walk.nowMs = 2000;
    walk.miss().miss().miss();
    expect(walk.state).to.include({ phase: 'not-responding', after: 'failed' });
    expect(kept(walk.state)).to.include({ failed: true, wanted: true });
    const at = walk.effects.findIndex(({ kind }) => kind === 'signal');
    expect(
      walk.effects.slice(0, at).map(({ kind }) => kind),
      'kept before the signal',
    ).to.include('persist');
    const { state } = walk.die({ kind: 'signal', signal: 'SIGTERM' });
    expect(state).to.include({ phase: 'failed', wanted: true, restarts: 0, lastEnd: 'signal TERM' });
    expect(walk.count('spawn')).to.equal(1);
  });

  it('an order while it hangs goes before what would have followed', () => {
    const hung = new Walk({ hang: { action: 'move' } }).tell({ kind: 'start' });
    hung.nowMs = 2000;
    hung.miss().miss().miss().tell({ kind: 'restart' }).die();
    expect(hung.state).to.include({ phase: 'up', number: 2 });
  });

  it('hang.action: nothing lets it be: in trouble, asked on, and well again by answers', () => {
    const walk = new Walk({ hang: { action: 'nothing' } }).tell({ kind: 'start' });
    walk.nowMs = 2000;
    for (let i = 0; i < 50; i++) walk.miss();
    expect(walk.state).to.include({ phase: 'in-trouble', missed: 3, trouble: 'missed 3 probes', restarts: 0 });
    expect(walk.count('signal')).to.equal(0);
    walk.nowMs = 9000;
    walk.tell({ kind: 'tick' });
    expect(walk.count('probe')).to.equal(1);
    walk.tell({ kind: 'answered', number: 1 });
    expect(walk.state).to.include({ phase: 'ready', missed: 0, trouble: undefined });
  });

  it('a hang that ends with 0 is a death of a transient program all the same', () => {
    const walk = new Walk({ restart: 'transient' }).tell({ kind: 'start' });
    walk.nowMs = 3000;
    walk.miss().miss().miss().die({ kind: 'exit', code: 0 });
    expect(walk.state).to.include({ phase: 'up', number: 2 });
  });

  it('an answer to an earlier life does not vouch for this one', () => {
    const walk = new Walk().tell({ kind: 'start' }).die();
    walk.tell({ kind: 'answered', number: 1 });
    expect(walk.state.phase).to.equal('up');
  });

  it('asks every 50 ms until the first answer within the grace, then has it asked at its interval', () => {
    const walk = new Walk().tell({ kind: 'start' });
    expect(walk.state.probeAtMs).to.equal(50);
    walk.nowMs = 60;
    walk.tell({ kind: 'tick' });
    expect(walk.state.probeAtMs).to.equal(110);
    walk.tell({ kind: 'answered', number: 1 });
    walk.nowMs = 110;
    walk.tell({ kind: 'tick' });
    expect(walk.state).to.include({ probeAtMs: never, watched: true });
    expect(walk.effects).to.deep.include({ kind: 'watch', instance: instance(1), everyMs: 500 });
  });

  it('one that answers is asked without a word, after a miss one by one until it answers again', () => {
    const slow: Wrapping = { ...wrapping, probe: probeOf({ intervalMs: 10_000, retryMs: 500 }) };
    const walk = new Walk(slow).tell({ kind: 'start' });
    walk.nowMs = 60;
    walk.tell({ kind: 'tick' }).tell({ kind: 'answered', number: 1 });
    walk.nowMs = 110;
    walk.tell({ kind: 'tick' });
    expect(walk.count('watch')).to.equal(1);
    walk.nowMs = 20_250;
    walk.tell({ kind: 'missed', number: 1, tookMs: 250 });
    // From the question to the next one, however long its answer was waited for.
    expect(walk.state).to.include({ phase: 'in-trouble', watched: false, probeAtMs: 20_500 });
    walk.nowMs = 20_500;
    const before = walk.count('probe');
    walk.tell({ kind: 'tick' });
    expect(walk.count('probe')).to.equal(before + 1);
    expect(walk.state).to.include({ watched: false, probeAtMs: 21_000 });
    walk.tell({ kind: 'answered', number: 1 });
    walk.nowMs = 21_000;
    walk.tell({ kind: 'tick' });
    expect(walk.state).to.include({ phase: 'ready', watched: true, probeAtMs: never });
    expect(walk.count('watch')).to.equal(2);
  });

  it('one that reloads is asked one by one again, one that ends by itself not at all', () => {
    const notified: Wrapping = { ...wrapping, notify: { from: 'main', watchdogMs: 0 } };
    const watched = (): Walk => {
      const walk = new Walk(notified).tell({ kind: 'start' });
      walk.tell({ kind: 'notified', number: 1, notice: { ready: true } });
      walk.nowMs = 3000;
      walk.tell({ kind: 'tick' });
      expect(walk.state.watched).to.equal(true);
      return walk;
    };
    const tell = (walk: Walk, notice: object): State => walk.tell({ kind: 'notified', number: 1, notice }).state;
    expect(tell(watched(), { reloading: true })).to.include({ watched: false, probeAtMs: 3500 });
    expect(tell(watched(), { stopping: true })).to.include({ watched: false, probeAtMs: never });
    expect(watched().die().state).to.include({ watched: false });
  });
});

describe('another entry, read while it runs', () => {
  const { probe, ...without } = wrapping;
  const again: Event = { kind: 'reconfigured' };
  /** It has run for a minute under the first entry, when the second is read. */
  const reread = (before: Wrapping, after: Wrapping, begin: (walk: Walk) => void = () => {}): Walk => {
    const walk = new Walk(before).tell({ kind: 'start' });
    begin(walk);
    walk.nowMs = 60_000;
    const next = step(walk.state, again, walk.nowMs, after);
    return Object.assign(new Walk(after), { state: next.state, nowMs: walk.nowMs, effects: [...next.effects] });
  };
  const bare: Wrapping = { ...without, probe: undefined };

  it('a probe that is new is asked at once, of the life at hand, which is ready when it answers', () => {
    const walk = reread(bare, wrapping);
    expect(walk.effects).to.deep.equal([{ kind: 'arm', atMs: 60_000 }]);
    expect(walk.tell({ kind: 'tick' }).count('probe')).to.equal(1);
    expect(walk.state.probeAtMs).to.equal(60_500);
    expect(walk.tell({ kind: 'answered', number: 1 }).state).to.include({ phase: 'ready', number: 1 });
  });

  it('one that is asked no more is no trouble any more', () => {
    const walk = reread(wrapping, bare, (one) => {
      one.nowMs = 5000;
      one.miss();
      expect(one.state.phase).to.equal('in-trouble');
    });
    expect(walk.state).to.include({ phase: 'up', missed: 0, probeAtMs: Number.POSITIVE_INFINITY });
  });

  it('what is measured is measured anew', () => {
    const strain = (one: Walk): unknown => one.tell({ kind: 'strained', number: 1, level: 'warn', why: 'files 9 ≥ 9' });
    expect(reread(wrapping, wrapping, strain).state).to.include({ phase: 'up', strained: false, trouble: undefined });
  });

  it('what it says of itself stands: who ails ails, who is ready is ready, who ends owes no answer', () => {
    const says = (notice: object) => (one: Walk) => void one.tell({ kind: 'notified', number: 1, notice });
    const entry: Wrapping = { ...bare, notify: { from: 'main', watchdogMs: 0 } };
    const probed: Wrapping = { ...entry, probe };
    expect(reread(entry, probed, says({ ailment: 'queue full' })).state).to.include({
      phase: 'in-trouble',
      trouble: 'queue full',
    });
    expect(reread(entry, probed, says({ ready: true })).state.phase).to.equal('ready');
    const ends = reread(entry, probed, says({ ready: true, stopping: true }));
    expect(ends.state.probeAtMs).to.equal(Number.POSITIVE_INFINITY);
  });

  it('its time to become ready begins when it is asked for, and does not begin again', () => {
    const ready = (timeoutMs: number): Wrapping => ({ ...bare, ready: { by: 'notify', timeoutMs } });
    expect(reread(bare, ready(7000)).state.limitAtMs).to.equal(67_000);
    expect(reread(ready(61_000), ready(61_000)).state.limitAtMs).to.equal(61_000);
    expect(reread(ready(61_000), bare).state.limitAtMs).to.equal(Number.POSITIVE_INFINITY);
  });
});

describe('stop', () => {
  it('is stopped only when nothing is left, and a hasty cleaning does not count', () => {
    let state = new Walk().tell({ kind: 'start' }).state;
    const tell = (event: Event): string => {
      state = step(state, event, 1, wrapping).state;
      return state.phase;
    };
    expect(tell(eventOf('exited', 1)), 'a death, hastily cleaned').to.equal('starting');
    expect(tell({ kind: 'stop' })).to.equal('stopping');
    expect(tell({ kind: 'gone', number: 1, thorough: false })).to.equal('stopping');
    expect(tell({ kind: 'gone', number: 1, thorough: true })).to.equal('stopped');
  });

  it('repeats KILL each second until the end is seen', () => {
    const walk = new Walk().tell({ kind: 'start' }).tell({ kind: 'stop' });
    for (const nowMs of [3000, 4000, 5000]) {
      walk.nowMs = nowMs;
      walk.tell({ kind: 'tick' });
    }
    expect(walk.count('kill')).to.equal(3);
  });

  it('uses the configured signal', () => {
    const walk = new Walk({ stop: { signal: 'QUIT', timeoutMs: 10 } }).tell({ kind: 'start' }).tell({ kind: 'stop' });
    expect(walk.effects).to.deep.include({ kind: 'signal', instance: instance(1), signal: 'SIGQUIT' });
  });
});

describe('what outlives psrmd', () => {
  it('keeps the number before a spawn, and the process after it', () => {
    const walk = new Walk().tell({ kind: 'start' });
    expect(walk.effects.map((effect) => effect.kind)).to.deep.equal([
      'persist',
      'spawn',
      'report',
      'persist',
      'arm',
      'report',
    ]);
  });

  it('adopts what is wanted, at its own age', () => {
    const before = new Walk().tell({ kind: 'start' });
    const back = restored(JSON.parse(JSON.stringify(kept(before.state))), 9000);
    expect(back).to.include({ phase: 'stopped', wanted: true, number: 1 });
    const { state } = step(back, { kind: 'adopted', instance: instance(1) }, 9000, wrapping);
    expect(state).to.include({ phase: 'up', number: 1 });
    expect(step(state, eventOf('missed', 1), 9000, wrapping).state.phase, 'its grace is over').to.equal('in-trouble');
  });

  it('stays failed', () => {
    const walk = new Walk().tell({ kind: 'start' }).die().die().die();
    expect(restored(kept(walk.state), 1)).to.include({ phase: 'failed', wanted: true });
  });

  it('a death while it was away counts', () => {
    const back = restored(kept(new Walk().tell({ kind: 'start' }).die().state), 100);
    const walk = new Walk();
    walk.state = back;
    walk.tell({ kind: 'adopted', instance: instance(2) }).die({ kind: 'unseen' });
    expect(walk.state).to.include({ phase: 'up', number: 3, restarts: 2, lastEnd: 'ended unseen' });
  });
});
