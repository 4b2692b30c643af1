import type { ClusterEffect } from '@softset/netrack/core/cluster/types.js';
import type { Alarm } from '@softset/protocol';
import { expect } from 'chai';
import { ClusterWorld, logs } from './cluster-world.js';

const alarm: Alarm = {
  object: 'service/media',
  cause: 'SERVICE_RESTS',
  severity: 'major',
  text: 'it rests',
  raisedAtMs: 1,
  raisedBy: 2,
};
const clear = { kind: 'clear-alarm', id: 'w1', object: alarm.object, cause: alarm.cause, who: 'operator' } as const;

function director(): ClusterWorld {
  const world = new ClusterWorld().elect();
  for (const board of [3, 4]) world.stockOf(board);
  world.ack(2, 3, 4);
  world.hear(2, { kind: 'alarm', alarm });
  world.ack(2, 3, 4);
  return world;
}
const answers = (effects: readonly ClusterEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'answer-wish' ? [{ id: effect.id, ok: effect.ok }] : []));

describe('an operator clears an alarm', () => {
  it('it leaves the register at once, and the answer waits for a majority (R1)', () => {
    const world = director();
    expect(world.view().alarms).to.have.length(1);
    const effects = world.step(clear);
    expect(world.view().alarms).to.deep.equal([]);
    expect(logs(effects)).to.include('alarm-cleared').and.include('alarm-cleared-by');
    expect(answers(effects), 'before anybody else has it').to.deep.equal([]);
    expect(answers(world.ack(2))).to.deep.equal([{ id: 'w1', ok: true }]);
    expect(answers([...world.ack(3), ...world.run(50)]), 'once').to.deep.equal([]);
  });

  it('one that does not stand is refused', () => {
    const world = director();
    const effects = world.step({ ...clear, cause: 'OTHER' });
    expect(answers(effects)).to.deep.equal([{ id: 'w1', ok: false }]);
    expect(world.view().alarms).to.have.length(1);
  });

  it('the second of two is refused, for the first has cleared it', () => {
    const world = director();
    world.step(clear);
    expect(answers(world.step({ ...clear, id: 'w2' }))).to.deep.equal([{ id: 'w2', ok: false }]);
  });

  it('whoever sees it still raises it anew', () => {
    const world = director();
    world.step(clear);
    world.ack(2, 3);
    world.hear(2, { kind: 'alarm', alarm });
    expect(world.view().alarms).to.have.length(1);
  });

  it('a board that does not direct refuses', () => {
    const effects = new ClusterWorld().start().step(clear);
    expect(answers(effects)).to.deep.equal([{ id: 'w1', ok: false }]);
  });

  it('a director that loses its lead before a majority has it answers nothing', () => {
    const world = director();
    world.step(clear);
    world.hear(2, { kind: 'alarm', alarm: { ...alarm, object: 'service/voice' } });
    world.step({ kind: 'pulse-down' });
    expect(answers([...world.ack(2, 3), ...world.run(50)])).to.deep.equal([]);
  });
});
