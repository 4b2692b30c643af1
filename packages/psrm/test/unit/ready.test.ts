import type { Event, Notice, Wrapping } from '@softset/psrm/core/events.js';
import { initial, type State } from '@softset/psrm/core/state.js';
import { step } from '@softset/psrm/core/step.js';
import { expect } from 'chai';
import { instance, wrapping } from '../wrapping.js';

const { probe: _, ...unprobed } = wrapping;
const never = Number.POSITIVE_INFINITY;

/** One life, begun at 0, told events at times. */
function life(config: Partial<Wrapping>, ...told: readonly [number, Notice | Event][]): State {
  const all: Wrapping = { ...unprobed, ...config };
  let { state } = step(initial, { kind: 'start' }, 0, all);
  state = step(state, { kind: 'spawned', instance: instance(1) }, 0, all).state;
  for (const [atMs, what] of told) {
    const event: Event = 'kind' in what ? what : { kind: 'notified', number: 1, notice: what };
    state = step(state, event, atMs, all).state;
  }
  return state;
}
const tick: Event = { kind: 'tick' };

describe('ready and what is owed', () => {
  it('by delay: at its time, not before', () => {
    const ready = { by: 'delay' as const, delayMs: 500, timeoutMs: 0 };
    expect(life({ ready }, [499, tick]).phase).to.equal('up');
    expect(life({ ready }, [500, tick]).phase).to.equal('ready');
  });

  it('by port: when it accepts; another way does not count', () => {
    const ready = { by: 'port' as const, port: { port: 80, address: '::1' }, timeoutMs: 0 };
    expect(life({ ready }, [9, { ready: true }]).phase).to.equal('up');
    expect(life({ ready }, [9, { kind: 'opened', number: 1 }]).phase).to.equal('ready');
    expect(life({ ready }, [9, { kind: 'opened', number: 0 }]).phase).to.equal('up');
  });

  it('by port, and probed: where both are due at one tick, it comes again for the other', () => {
    const ready = { by: 'port' as const, port: { port: 80, address: '::1' }, timeoutMs: 0 };
    const all: Wrapping = { ...wrapping, ready };
    const begun = life(all);
    const first = step(begun, tick, 50, all);
    expect(first.effects.map(({ kind }) => kind)).to.deep.equal(['knock', 'arm']);
    expect(step(first.state, tick, 50, all).effects.map(({ kind }) => kind)).to.deep.equal(['probe', 'arm']);
    const late = step(begun, tick, 5000, all);
    expect(late.effects).to.deep.include({ kind: 'arm', atMs: 50 });
    expect(step(late.state, tick, 5000, all).effects.map(({ kind }) => kind)).to.deep.equal(['probe', 'arm']);
  });

  it('a probe that was taken out of the configuration is due no more', () => {
    const { state, effects } = step(life(wrapping), tick, 50, unprobed);
    expect(state.probeAtMs).to.equal(Number.POSITIVE_INFINITY);
    expect(effects).to.deep.equal([{ kind: 'arm', atMs: Number.POSITIVE_INFINITY }]);
  });

  it('by notify: an answered probe is not enough', () => {
    const config = { ready: { by: 'notify' as const, timeoutMs: 0 }, probe: wrapping.probe };
    expect(life(config, [9, { kind: 'answered', number: 1 }]).phase).to.equal('up');
    expect(life(config, [9, { ready: true }]).phase).to.equal('ready');
  });

  it('not in time is a hang; more time can be asked for, and is not for ever', () => {
    const ready = { by: 'notify' as const, timeoutMs: 1000 };
    expect(life({ ready }, [999, tick]).phase).to.equal('up');
    expect(life({ ready }, [1000, tick]).phase).to.equal('not-responding');
    expect(life({ ready }, [900, { extendMs: 500 }], [1399, tick]).phase).to.equal('up');
    expect(life({ ready }, [900, { extendMs: 500 }], [1400, tick]).phase).to.equal('not-responding');
    expect(life({ ready }, [900, { extendMs: 1e12 }]).limitAtMs).to.equal(600_900);
  });

  it('the watchdog begins with READY, is fed by WATCHDOG=1, and its interval can be changed', () => {
    const config = { notify: { from: 'main' as const, watchdogMs: 100 } };
    expect(life(config, [5000, tick]).phase, 'not ready, nothing owed').to.equal('up');
    expect(life(config, [50, { ready: true }], [149, tick]).phase).to.equal('ready');
    expect(life(config, [50, { ready: true }], [150, tick]).phase).to.equal('not-responding');
    expect(life(config, [50, { ready: true }], [149, { watchdog: 'alive' }], [248, tick]).phase).to.equal('ready');
    expect(life(config, [50, { ready: true, watchdogMs: 0 }], [9000, tick]).phase).to.equal('ready');
    expect(life(config, [50, { watchdog: 'trigger' }]).phase).to.equal('not-responding');
  });

  it('hang.action: nothing: a silent watchdog is trouble until WATCHDOG=1, and owed anew from then on', () => {
    const config = { notify: { from: 'main' as const, watchdogMs: 100 }, hang: { action: 'nothing' as const } };
    const silent: [number, Notice | Event][] = [
      [50, { ready: true }],
      [150, tick],
    ];
    const trouble = 'said no WATCHDOG=1 for 100 ms';
    expect(life(config, ...silent, [900, tick])).to.include({ phase: 'in-trouble', trouble, watchdogAtMs: never });
    const spoke = life(config, ...silent, [900, { watchdog: 'alive' }]);
    expect(spoke).to.include({ phase: 'ready', trouble: undefined, watchdogAtMs: 1000 });
    expect(life(config, ...silent, [900, { kind: 'reconfigured' }])).to.include({ phase: 'ready', watchdogAtMs: 1000 });
    const late = { ready: { by: 'notify' as const, timeoutMs: 100 }, hang: config.hang };
    expect(life(late, [100, tick])).to.include({ phase: 'in-trouble', limitAtMs: never });
    expect(life(late, [100, tick], [500, { ready: true }]).phase).to.equal('ready');
  });

  it('while it reloads it owes nothing, and is not ready until it says so', () => {
    const config = { notify: { from: 'main' as const, watchdogMs: 100 } };
    const reloading = life(config, [10, { ready: true }], [20, { reloading: true }], [500, tick]);
    expect(reloading.phase).to.equal('up');
    expect(life(config, [10, { ready: true }], [20, { reloading: true }], [90, { ready: true }]).phase).to.equal(
      'ready',
    );
  });

  it('one that ends by itself has the time of a stop', () => {
    const said = life({ probe: wrapping.probe }, [10, { stopping: true }]);
    expect(said).to.include({ limitAtMs: 3010, probeAtMs: Number.POSITIVE_INFINITY });
    expect(life({}, [10, { stopping: true }], [3010, tick]).phase).to.equal('not-responding');
  });

  it('`rise` answers in a row end the trouble, and not one of them alone', () => {
    const config = { probe: wrapping.probe && { ...wrapping.probe, rise: 2, graceMs: 0, fall: 9 } };
    const answered: Event = { kind: 'answered', number: 1 };
    const missed: Event = { kind: 'missed', number: 1 };
    expect(life(config, [1, missed], [2, answered]).phase).to.equal('in-trouble');
    expect(life(config, [1, missed], [2, answered], [3, missed], [4, answered]).phase).to.equal('in-trouble');
    expect(life(config, [1, missed], [2, answered], [3, answered])).to.include({ phase: 'ready', missed: 0 });
  });

  it('a hung program is dumped before its signal, and KILL waits for both', () => {
    const stop = { ...wrapping.stop, dump: { command: ['/bin/true'], timeoutMs: 400 } };
    const all: Wrapping = { ...unprobed, stop };
    const next = step(life({ stop }), { kind: 'notified', number: 1, notice: { watchdog: 'trigger' } }, 10, all);
    expect(next.effects.map(({ kind }) => kind)).to.deep.equal(['dump', 'signal', 'arm', 'report']);
    expect(next.state.killAtMs).to.equal(3410);
  });
});

describe('trouble that is measured', () => {
  const strained = (level: 'none' | 'warn' | 'act'): Event => ({
    kind: 'strained',
    number: 1,
    level,
    why: 'files 9 ≥ 9',
  });

  it('is told, and by default nothing follows', () => {
    expect(life({}, [1, strained('act')])).to.include({ phase: 'in-trouble', trouble: 'files 9 ≥ 9', restarts: 0 });
    expect(life({}, [1, strained('act')], [2, strained('none')])).to.include({ phase: 'up', trouble: undefined });
  });

  it('action: restart counts as a death, so that the K-th gives it up', () => {
    const trouble = { action: 'restart' as const };
    expect(life({ trouble }, [1, strained('warn')]).phase).to.equal('in-trouble');
    expect(life({ trouble }, [1, strained('act')])).to.include({ phase: 'stopping', after: 'start', restarts: 1 });
    const once = { trouble, giveUp: { deaths: 1, withinMs: 1000 } };
    expect(life(once, [1, strained('act')])).to.include({ phase: 'stopping', after: 'failed', restarts: 0 });
  });

  it('action: move gives it up at once', () => {
    const trouble = { action: 'move' as const };
    expect(life({ trouble }, [1, strained('act')])).to.include({ phase: 'stopping', after: 'failed', wanted: true });
  });
});

describe('step: what a program says of itself', () => {
  const said = (notice: Notice): Event => ({ kind: 'notified', number: 1, notice });

  it('that it ails is told, and nothing follows; that it is well again ends it', () => {
    const ill = said({ ailment: 'queue full' });
    expect(life({}, [1, ill])).to.include({ phase: 'in-trouble', trouble: 'queue full', restarts: 0 });
    expect(life({}, [1, ill], [2, said({ ailment: '' })])).to.include({ phase: 'up', trouble: undefined });
    expect(life({}, [1, ill], [2, said({ says: 'x' })]).phase, 'another word does not end it').to.equal('in-trouble');
  });

  it('asked to be restarted counts as a death, so that the K-th gives it up; asked to be moved gives it up at once', () => {
    expect(life({}, [1, said({ ask: 'restart' })])).to.include({ phase: 'stopping', after: 'start', restarts: 1 });
    const once = { giveUp: { deaths: 1, withinMs: 1000 } };
    expect(life(once, [1, said({ ask: 'restart' })])).to.include({ phase: 'stopping', after: 'failed' });
    const moved = life({}, [1, said({ ask: 'move', ailment: 'disk dying' })]);
    expect(moved).to.include({ phase: 'stopping', after: 'failed', trouble: 'disk dying' });
  });
});
