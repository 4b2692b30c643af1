import {
  emptyQueue,
  enqueue,
  finished,
  type LookupQueue,
  RUNNING_MAX,
  WAITING_MAX,
} from '@softset/geodhcp/core/lookup-queue.js';
import { expect } from 'chai';
import fc from 'fast-check';

const mac = (n: number): string =>
  `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
/** So many look-ups of devices that nobody knows. */
function flooded(count: number): LookupQueue {
  let queue = emptyQueue;
  for (let n = 0; n < count; n++) ({ queue } = enqueue(queue, mac(n), false));
  return queue;
}

describe('look-ups wait for each other', () => {
  it('a few begin at once, the others when one is over, in their order', () => {
    const queue = flooded(RUNNING_MAX + 2);
    expect(queue.running.size).to.equal(RUNNING_MAX);
    const first = finished(queue, mac(3));
    expect(first.begin).to.deep.equal([mac(RUNNING_MAX)]);
    expect(finished(first.queue, mac(0)).begin).to.deep.equal([mac(RUNNING_MAX + 1)]);
  });

  it('in a flood a board that has a lease is next', () => {
    const asked = enqueue(flooded(10_000), mac(20_000), true);
    expect([asked.begin, asked.queue.running.has(mac(20_000))], 'it waits its turn').to.deep.equal([[], false]);
    const [running] = asked.queue.running;
    expect(finished(asked.queue, running ?? '').begin).to.deep.equal([mac(20_000)]);
  });

  it('the oldest that nobody knows are given up; known boards never are', () => {
    const full = flooded(RUNNING_MAX + WAITING_MAX);
    expect(enqueue(full, mac(9000), false).drop).to.deep.equal([mac(RUNNING_MAX)]);
    let queue = full;
    for (let n = 0; n < 2 * WAITING_MAX; n++) ({ queue } = enqueue(queue, mac(30_000 + n), true));
    expect([queue.known.length, queue.others.length]).to.deep.equal([2 * WAITING_MAX, 0]);
  });

  it('none twice, and a device that turned out to be known moves up', () => {
    const queue = flooded(RUNNING_MAX + 5);
    const again = enqueue(queue, mac(RUNNING_MAX + 4), false);
    expect(again.queue).to.deep.equal(queue);
    expect(enqueue(queue, mac(0), true).queue, 'it runs').to.equal(queue);
    const moved = enqueue(queue, mac(RUNNING_MAX + 4), true).queue;
    expect([moved.known, moved.others.length]).to.deep.equal([[mac(RUNNING_MAX + 4)], 4]);
  });

  it('each that was wanted begins once or is given up, whatever the order', () => {
    const act = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 600 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(act, { maxLength: 1500 }), (acts) => {
        let queue = emptyQueue;
        const waiting = new Set<string>();
        for (const [end, n, known] of acts) {
          const [running] = queue.running;
          const wanted = !end || running === undefined;
          if (wanted && !queue.running.has(mac(n))) waiting.add(mac(n));
          const turn = wanted ? enqueue(queue, mac(n), known) : finished(queue, running);
          for (const one of [...turn.begin, ...turn.drop]) expect(waiting.delete(one), one).to.equal(true);
          queue = turn.queue;
          expect(queue.running.size).to.be.at.most(RUNNING_MAX);
          expect([...queue.known, ...queue.others]).to.have.members([...waiting]);
        }
      }),
      { numRuns: 50 },
    );
  });
});
