import type { ClusterEffect } from '@softset/netrack/core/cluster/types.js';
import type { RolloutWish } from '@softset/protocol';
import { shortHash } from '@softset/protocol/kept-configuration.js';
import { expect } from 'chai';
import { director } from './cluster-director.js';
import type { ClusterWorld } from './cluster-world.js';
import { ClusterWorld as World } from './cluster-world.js';

const HASH = 'b'.repeat(64);
const BEFORE = 'a'.repeat(64);
const commit: RolloutWish = { kind: 'commit', hash: HASH, before: BEFORE, confirmMs: 60_000 };
const wish = (world: ClusterWorld, what: RolloutWish, id = 'w') =>
  world.step({ kind: 'rollout', id, wish: what, who: 'operator' });
const rollout = (world: ClusterWorld) => world.view().rollout;
const answers = (effects: readonly ClusterEffect[]) =>
  effects.flatMap((one) => (one.kind === 'answer-wish' ? [{ id: one.id, ok: one.ok, message: one.message }] : []));
const why = (effects: readonly ClusterEffect[]) => answers(effects).map(({ message }) => message.split(':')[0]);
function runs(world: ClusterWorld, ...boards: readonly number[]): void {
  for (const board of boards) world.set(board, { config: shortHash(HASH) });
  world.report();
}
function onTrial(): ClusterWorld {
  const world = director();
  wish(world, commit);
  world.ack(2, 3);
  world.run(20);
  world.ack(2, 3);
  return world;
}

describe('what all boards are to run is written by the director', () => {
  it('R1: it is on trial, and the wish answered, once a majority has the decision', () => {
    const world = director();
    expect(answers(wish(world, commit))).to.deep.equal([]);
    expect(rollout(world)).to.include({ version: 1, phase: 'deciding', who: 'operator' });
    world.run(50);
    expect(rollout(world)?.phase, 'nobody else has it').to.equal('deciding');
    const effects = [...world.ack(2), ...world.run(10)];
    expect(answers(effects)).to.deep.equal([{ id: 'w', ok: true, message: 'version 1' }]);
    expect(rollout(world)?.phase).to.equal('trial');
  });

  it('R2: a disk that has not got it is no vote', () => {
    const world = director();
    world.diskWorks = false;
    wish(world, commit);
    world.ack(2);
    world.run(50);
    expect(rollout(world)?.phase).to.equal('deciding');
  });

  it('without a time to confirm it is kept at once', () => {
    const world = director();
    wish(world, { ...commit, confirmMs: 0 });
    world.ack(2);
    world.run(20);
    expect(rollout(world)?.phase).to.equal('kept');
  });

  it('is kept once confirmed, and not before every board that is there runs it', () => {
    const world = onTrial();
    expect(why(wish(world, { kind: 'confirm' }))).to.deep.equal(['CONFIG_NOT_RUNNING']);
    runs(world, 2, 3);
    expect(why(wish(world, { kind: 'confirm' })), 'board 4').to.deep.equal(['CONFIG_NOT_RUNNING']);
    world.set(4, { verdict: 'down' });
    world.report();
    wish(world, { kind: 'confirm' }, 'c');
    expect(rollout(world)?.phase).to.equal('kept');
    expect(answers([...world.ack(2), ...world.run(10)])).to.deep.equal([
      { id: 'c', ok: true, message: 'version 1 is kept' },
    ]);
  });

  it('goes back as the next version, and back again', () => {
    const world = onTrial();
    wish(world, { kind: 'rollback' });
    expect(rollout(world)).to.include({ version: 2, hash: BEFORE, before: HASH, phase: 'deciding', confirmMs: 0 });
    world.ack(2);
    world.run(20);
    expect(rollout(world)?.phase).to.equal('kept');
    world.ack(2);
    wish(world, { kind: 'rollback' });
    expect(rollout(world)).to.include({ version: 3, hash: HASH });
  });

  it('refuses a second while one is on trial or undecided; what waits for nothing cannot be confirmed', () => {
    const undecided = director();
    wish(undecided, commit);
    for (const kind of ['commit', 'confirm', 'rollback'] as const)
      expect(why(wish(undecided, kind === 'commit' ? commit : { kind }))).to.deep.equal(['CONFIG_BUSY']);
    expect(why(wish(onTrial(), commit))).to.deep.equal(['CONFIG_BUSY']);
    expect(why(wish(director(), { kind: 'confirm' }))).to.deep.equal(['CONFIG_NOT_ON_TRIAL']);
    expect(why(wish(director(), { kind: 'rollback' }))).to.deep.equal(['CONFIG_NOTHING_BEFORE']);
  });

  it('a board that does not direct, or whose proof does not stand, refuses', () => {
    expect(why(wish(new World().start(), commit))).to.deep.equal(['NOT_DIRECTOR']);
    const world = director();
    world.proofStands = false;
    world.run(200);
    expect(why(wish(world, commit))).to.deep.equal(['NOT_DIRECTOR']);
  });

  it('R3: the next director finishes what a voter had of it, and what nobody had is gone', () => {
    const before = director();
    wish(before, commit);
    const { register } = before.state;
    const next = director({ register });
    next.run(20);
    expect(rollout(next)).to.include({ version: 1, hash: HASH, phase: 'trial' });
    expect(rollout(director())).to.equal(undefined);
  });
});
