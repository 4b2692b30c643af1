import type { Effect, Event } from '@softset/psrm/core/events.js';
import { initial, type State } from '@softset/psrm/core/state.js';
import { step } from '@softset/psrm/core/step.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { eventOf, wrapping } from '../wrapping.js';

const anyEvent = fc.record({
  kind: fc.constantFrom<Event['kind']>(
    'start',
    'stop',
    'restart',
    'spawned',
    'spawn-failed',
    'exited',
    'gone',
    'answered',
    'missed',
    'opened',
    'notified',
    'strained',
    'moved',
    'tick',
    'adopted',
    'held',
    'released',
    'give-up',
    'clear',
    'reconfigured',
  ),
  /** Of which life, counted back from the newest: news may be late. */
  back: fc.nat(2),
  afterMs: fc.nat(4000),
  thorough: fc.boolean(),
  code: fc.constantFrom(0, 1, 77),
  level: fc.constantFrom('none' as const, 'warn' as const, 'act' as const),
  notice: fc.record(
    {
      ready: fc.constant(true),
      reloading: fc.constant(true),
      stopping: fc.constant(true),
      watchdog: fc.constantFrom('alive' as const, 'trigger' as const),
      watchdogMs: fc.constantFrom(0, 500),
      extendMs: fc.nat(5000),
    },
    { requiredKeys: [] },
  ),
});
const anyRun = fc.array(anyEvent, { maxLength: 120 });
type Run = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;
const anyConfig = fc.record({
  restart: fc.constantFrom('permanent' as const, 'transient' as const, 'temporary' as const),
  giveUp: fc.record({ deaths: fc.integer({ min: 1, max: 5 }), withinMs: fc.integer({ min: 100, max: 20_000 }) }),
  exits: fc.constantFrom(wrapping.exits, { normal: [0], final: [77], again: [1] }),
  pause: fc.constant(wrapping.pause),
  ready: fc.constantFrom(
    undefined,
    { by: 'notify' as const, timeoutMs: 3000 },
    { by: 'delay' as const, delayMs: 500, timeoutMs: 0 },
  ),
  notify: fc.constantFrom(undefined, { from: 'main' as const, watchdogMs: 700 }),
  trouble: fc.constantFrom(undefined, { action: 'restart' as const }, { action: 'move' as const }),
  hang: fc.constantFrom(undefined, { action: 'move' as const }, { action: 'nothing' as const }),
  stop: fc.constant(wrapping.stop),
  probe: fc.constant(wrapping.probe),
});

interface Seen {
  readonly event: Event;
  readonly was: State;
  readonly is: State;
  readonly effects: readonly Effect[];
}

function play(run: Run, config: typeof wrapping): { seen: Seen[]; nowMs: number } {
  let state = initial;
  let nowMs = 0;
  const seen = run.map(({ kind, back, afterMs, thorough, code, level, notice }) => {
    nowMs += afterMs;
    let event = eventOf(kind, Math.max(1, state.number - back), nowMs);
    if (event.kind === 'gone') event = { ...event, thorough };
    if (event.kind === 'exited') event = { ...event, end: { kind: 'exit', code } };
    if (event.kind === 'strained') event = { ...event, level };
    if (event.kind === 'notified') event = { ...event, notice };
    const was = state;
    const next = step(was, event, nowMs, config);
    state = next.state;
    return { event, was, is: state, effects: next.effects };
  });
  return { seen, nowMs };
}

describe('step, for any order of events', () => {
  it('never spawns while a life is not over', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        let open = 0;
        for (const { event, was, is, effects } of play(run, config).seen) {
          // A life is over once it could not be spawned, or once nothing of it is left; an adopted one begins unasked.
          if (event.kind === 'adopted' && is.instance !== was.instance) open++;
          const over = was.instance !== undefined && is.instance === undefined;
          const failed = event.kind === 'spawn-failed' && was.spawning && event.number === was.number;
          if (over || failed) open--;
          for (const effect of effects) if (effect.kind === 'spawn') open++;
          expect(open).to.be.within(0, 1);
        }
      }),
    );
  });

  it('a life ends in the books only after its end was seen and nothing is left of it', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        for (const { event, was, is } of play(run, config).seen) {
          if (was.instance === undefined || is.instance !== undefined) continue;
          expect(event.kind).to.equal('gone');
          expect(was.ended).to.equal(true);
        }
      }),
    );
  });

  it('leaves failed only by an order or an adoption', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        for (const { event, was, is, effects } of play(run, config).seen) {
          if (was.phase !== 'failed' || is.phase === 'failed') continue;
          expect(event.kind).to.be.oneOf(['start', 'stop', 'restart', 'adopted', 'clear']);
          if (effects.some((effect) => effect.kind === 'spawn'))
            expect(event.kind).to.be.oneOf(['start', 'restart', 'clear']);
        }
      }),
    );
  });

  it('restarts at most deaths − 1 times within a window, between orders', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        let restartsMs: number[] = [];
        let nowMs = 0;
        for (const [i, { event, was, is }] of play(run, config).seen.entries()) {
          nowMs += run[i]?.afterMs ?? 0;
          if (event.kind === 'start' || event.kind === 'restart' || event.kind === 'clear') restartsMs = [];
          if (is.restarts > was.restarts) restartsMs.push(nowMs);
          const recent = restartsMs.filter((atMs) => nowMs - atMs < config.giveUp.withinMs);
          expect(recent.length).to.be.lessThan(config.giveUp.deaths);
          expect(is.deathsMs.length).to.be.at.most(config.giveUp.deaths);
        }
      }),
    );
  });

  it('spawns nothing while it is held, and gives up for good what is given up with its board', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        for (const { event, was, is, effects } of play(run, config).seen) {
          const spawns = effects.some((effect) => effect.kind === 'spawn');
          if (spawns) expect([is.held, is.forsaken], event.kind).to.deep.equal([undefined, false]);
          if (was.forsaken && !is.forsaken) expect(event.kind).to.be.oneOf(['start', 'restart', 'clear']);
        }
      }),
    );
  });

  it('persists before a spawn, in the same step', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        for (const { effects } of play(run, config).seen) {
          const kinds = effects.map((effect) => effect.kind);
          if (kinds.includes('spawn')) expect(kinds.indexOf('persist')).to.be.within(0, kinds.indexOf('spawn') - 1);
        }
      }),
    );
  });

  it('a stop always ends in stopped, or failed where the board was given up, once the kernel does its part', () => {
    fc.assert(
      fc.property(anyRun, anyConfig, (run, config) => {
        const { seen, nowMs } = play(run, config);
        let state = seen.at(-1)?.is ?? initial;
        const tell = (event: Event, atMs: number): void => {
          state = step(state, event, atMs, config).state;
        };
        tell({ kind: 'stop' }, nowMs);
        if (state.spawning) tell(eventOf('spawned', state.number, nowMs), nowMs);
        if (state.instance && !state.ended) {
          const { effects } = step(state, { kind: 'tick' }, nowMs + 5000, config);
          expect(effects.map((effect) => effect.kind)).to.include('kill');
          tell(eventOf('exited', state.number), nowMs + 5000);
        }
        tell(eventOf('gone', state.number), nowMs + 5000);
        const phase = state.forsaken ? 'failed' : 'stopped';
        expect(state).to.include({ phase, wanted: false, instance: undefined });
      }),
    );
  });
});
