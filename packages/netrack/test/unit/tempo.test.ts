import { hurried } from '@softset/netrack/core/cluster/tempo.js';
import { expect } from 'chai';
import { CLUSTER_NUMBER, ClusterWorld, registerOf } from './cluster-world.js';

/** Board 3 directs term 5, and this board has its register. */
function calm(): ClusterWorld {
  const world = new ClusterWorld({ memory: { cluster: CLUSTER_NUMBER, term: 5, candidate: 3 } });
  world.pulse = { ...world.pulse, term: 5, director: 3 };
  for (const board of [2, 3, 4]) world.set(board, { term: 5, director: 3, elected: board === 3 });
  world.start();
  world.state.register = registerOf({ term: 5, index: 1 });
  return world;
}

function says(world: ClusterWorld, fields: Parameters<ClusterWorld['set']>[1]): void {
  world.set(3, fields);
  world.report();
}

describe('how often netrackd has to look', () => {
  it('seldom, while it follows a director who is well', () => {
    const world = calm();
    expect(hurried(world.state, world.config)).to.equal(false);
  });

  const cases: [string, (world: ClusterWorld) => unknown][] = [
    ['its pulse is gone', ({ state }) => Object.assign(state, { pulseUp: false })],
    ['it directs', ({ state }) => Object.assign(state, { role: 'director' })],
    ['it stands', ({ state }) => Object.assign(state, { role: 'candidate' })],
    ['it misses its director', ({ state }) => Object.assign(state, { troubleMs: 1 })],
    ['it is amnesiac', ({ state }) => Object.assign(state, { amnesiac: true })],
    ['it follows nobody', ({ state }) => Object.assign(state, { director: 0 })],
    ['the director stalls: the end of its time is to be seen', (world) => says(world, { verdict: 'stalled' })],
    ['the director has not said that it directs', (world) => says(world, { elected: false })],
    ['the director leaves', (world) => says(world, { leaving: true })],
    [
      'the register of the term has not come',
      ({ state }) => Object.assign(state, { register: registerOf({ term: 4, index: 9 }) }),
    ],
  ];
  for (const [why, change] of cases) {
    it(`each interval, when ${why}`, () => {
      const world = calm();
      change(world);
      expect(hurried(world.state, world.config)).to.equal(true);
    });
  }
});
