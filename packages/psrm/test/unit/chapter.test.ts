import { chapterOf } from '@softset/psrm/core/chapter.js';
import type { Event, Wrapping } from '@softset/psrm/core/events.js';
import { initial, type State } from '@softset/psrm/core/state.js';
import { step } from '@softset/psrm/core/step.js';
import { expect } from 'chai';
import { eventOf, instance, wrapping } from '../wrapping.js';

/** The chapters of a story. */
function story(events: readonly (readonly [number, Event])[], more: Partial<Wrapping> = {}): string[] {
  const config: Wrapping = { ...wrapping, ...more };
  let state: State = initial;
  return events.flatMap(([nowMs, event]) => {
    const { state: next } = step(state, event, nowMs, config);
    const text = chapterOf(state, event, next, config);
    state = next;
    return text === undefined ? [] : [text];
  });
}
const spawned = (number: number, atMs: number): [number, Event] => [
  atMs,
  { kind: 'spawned', instance: instance(number, atMs) },
];

describe('history: what an operator asks why for (002 ¶0029–0030)', () => {
  it('a hang, deaths, given up', () => {
    const told = story([
      [0, { kind: 'start' }],
      spawned(1, 0),
      [50, eventOf('answered', 1)],
      [3000, eventOf('missed', 1)],
      [3500, eventOf('missed', 1)],
      [4000, eventOf('missed', 1)],
      [4100, eventOf('exited', 1)],
      [4101, { kind: 'gone', number: 1, thorough: false }],
      spawned(2, 4102),
      [5000, { kind: 'exited', number: 2, end: { kind: 'exit', code: 3 } }],
      [5001, { kind: 'gone', number: 2, thorough: false }],
      spawned(3, 5002),
      [6000, { kind: 'exited', number: 3, end: { kind: 'exit', code: 3 } }],
      [6001, { kind: 'gone', number: 3, thorough: true }],
    ]);
    expect(told).to.deep.equal([
      'ordered to start',
      'started, life 1',
      'ready',
      'in trouble: misses probes',
      'not responding: missed 3 probes; is stopped',
      'signal KILL; restarted (restart 1)',
      'started, life 2',
      'exit 3; restarted (restart 2)',
      'started, life 3',
      'exit 3; given up: 3 deaths within 10000 ms',
      'failed: not started here until it is ordered',
    ]);
  });

  const hangs: (readonly [number, Event])[] = [
    [0, { kind: 'start' }],
    spawned(1, 0),
    ...[3000, 3500, 4000, 4500].map((atMs) => [atMs, eventOf('missed', 1)] as const),
  ];

  it('a hang that moves', () => {
    const ended: (readonly [number, Event])[] = [
      [4600, eventOf('exited', 1)],
      [4601, { kind: 'gone', number: 1, thorough: true }],
    ];
    expect(story([...hangs, ...ended], { hang: { action: 'move' } }).slice(2)).to.deep.equal([
      'in trouble: misses probes',
      'not responding: missed 3 probes; is stopped and given up',
      'signal KILL',
      'failed: not started here until it is ordered',
    ]);
  });

  it('a hang that is let be, and is over', () => {
    const told = story([...hangs, [5000, eventOf('answered', 1)]], { hang: { action: 'nothing' } });
    expect(told.slice(2)).to.deep.equal([
      'in trouble: misses probes',
      'not responding: missed 3 probes; is let be',
      'well again',
    ]);
  });

  it('held, released, and ended for what it requires', () => {
    const told = story([
      [0, { kind: 'held', by: 'db', must: false }],
      [0, { kind: 'start' }],
      [10, { kind: 'released' }],
      spawned(1, 10),
      [900, { kind: 'held', by: 'db', must: true }],
      [950, eventOf('exited', 1)],
      [951, { kind: 'gone', number: 1, thorough: true }],
      [2000, { kind: 'stop' }],
    ]);
    expect(told).to.deep.equal([
      'ordered to start; waits for db',
      'started, life 1',
      'stops: db, which it requires, is gone',
      'signal KILL',
      'waits for db',
      'ordered to stop',
    ]);
  });

  it('given up with its board', () => {
    const told = story([[0, { kind: 'give-up', why: 'the board is ill' }]]);
    expect(told).to.deep.equal(['given up with its board: the board is ill']);
  });
});
