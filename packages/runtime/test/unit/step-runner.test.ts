import { assert } from '@softset/base';
import { EventRing } from '@softset/runtime/event-ring.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import { Timers } from '@softset/runtime/timers.js';
import { expect } from 'chai';
import { until } from '../support/temp-folder.js';

type Event = { kind: 'do'; effects: readonly Effect[] } | { kind: 'bad' };
type Effect = { kind: 'persist'; name: string } | { kind: 'send'; name: string };

function runner(limit = 100) {
  const done: string[] = [];
  const crashes: unknown[] = [];
  const releases: (() => void)[] = [];
  const ring = new EventRing(3);
  const made = new StepRunner<number, Event, Effect>({
    initial: 0,
    step: (state, event) => {
      assert(event.kind !== 'bad', 'poison');
      return { state: state + 1, effects: event.effects };
    },
    effects: {
      persist: ({ name }) => new Promise<void>((resolve) => releases.push(resolve)).then(() => void done.push(name)),
      send: ({ name }) => {
        done.push(name);
        if (name === 'again') made.dispatch({ kind: 'do', effects: [{ kind: 'send', name: 'inner' }] });
        if (name === 'throw') throw new Error('handler');
      },
    },
    invariant: (state) => assert(state < 20, 'too far'),
    onCrash: (error) => crashes.push(error),
    ring,
    limit,
  });
  const send = (...names: string[]): void =>
    made.dispatch({ kind: 'do', effects: names.map((name) => ({ kind: 'send', name })) });
  return { made, done, crashes, releases, ring, send };
}

describe('the step runner', () => {
  it('performs effects in order, and an event of a handler after the step under way', () => {
    const { done, send } = runner();
    send('again', 'b');
    expect(done).to.deep.equal(['again', 'b', 'inner']);
  });

  it('persists before it sends, while events go on', async () => {
    const { made, done, releases, send } = runner();
    made.dispatch({
      kind: 'do',
      effects: [
        { kind: 'persist', name: 'disk' },
        { kind: 'send', name: 'a' },
      ],
    });
    send('b');
    expect(made.state).to.equal(2);
    expect(done).to.deep.equal([]);
    releases[0]?.();
    await until(() => done.length === 3, 'all effects');
    expect(done).to.deep.equal(['disk', 'a', 'b']);
  });

  const poisons: [title: string, act: (r: ReturnType<typeof runner>) => void, message: string][] = [
    ['a step that asserts', (r) => r.made.dispatch({ kind: 'bad' }), 'poison'],
    ['a handler that throws', (r) => r.send('throw', 'never'), 'handler'],
    ['a broken invariant', (r) => Array.from({ length: 20 }, () => r.send('x')), 'too far'],
    [
      'effects that pile up behind a promise',
      (r) => {
        r.made.dispatch({ kind: 'do', effects: [{ kind: 'persist', name: 'stuck' }] });
        r.send(...new Array<string>(101).fill('x'));
      },
      '101 effects wait',
    ],
  ];
  for (const [title, act, message] of poisons) {
    it(`stops for good at ${title}`, () => {
      const r = runner();
      act(r);
      expect(r.crashes).to.have.length(1);
      expect(String(r.crashes[0])).to.contain(message);
      const before = [...r.done];
      r.send('after');
      expect(r.done).to.deep.equal(before);
    });
  }

  it('keeps the last events, the poisonous one among them', () => {
    const { made, ring, send } = runner();
    for (let i = 0; i < 5; i++) send('x');
    made.dispatch({ kind: 'bad' });
    expect(ring.entries().map(({ kind }) => kind)).to.deep.equal(['do', 'do', 'bad']);
  });
});

describe('timers', () => {
  it('fire no earlier than their deadline, once, and say how late they are', async () => {
    const timers = new Timers();
    const now = () => Number(process.hrtime.bigint()) / 1e6;
    for (let round = 0; round < 20; round++) {
      const deadline = now() + 2.7;
      let fired = 0;
      let lateMs = -1;
      timers.arm('t', deadline, (late) => {
        fired++;
        lateMs = late;
        expect(now()).to.be.at.least(deadline);
      });
      await until(() => fired > 0, 'the timer');
      expect(lateMs).to.be.at.least(0);
      expect(fired).to.equal(1);
    }
    expect(timers.size).to.equal(0);
  });

  it('are replaced by name, cancelled, and may lie beyond what setTimeout can count', async () => {
    const timers = new Timers();
    const fired: string[] = [];
    // Node warns when a timeout overflows, and then fires it every millisecond.
    const warned = (warning: Error): void => void fired.push(warning.name);
    process.on('warning', warned);
    timers.arm('a', 0, () => fired.push('replaced'));
    timers.arm('a', 0, () => fired.push('a'));
    timers.arm('b', 0, () => fired.push('b'));
    timers.cancel('b');
    timers.arm('far', 1e15, () => fired.push('far'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    timers.cancelAll();
    process.off('warning', warned);
    expect(fired).to.deep.equal(['a']);
  });
});
