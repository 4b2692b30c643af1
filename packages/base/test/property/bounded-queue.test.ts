import { BoundedQueue } from '@softset/base';
import { expect } from 'chai';
import fc from 'fast-check';

const command = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('push' as const), item: fc.integer() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shift' as const) }) },
);

describe('BoundedQueue', () => {
  it('agrees with a naive twin: a list that is cut to its newest items after each push', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(command, { maxLength: 50 }), (limit, commands) => {
        const queue = new BoundedQueue<number>(limit);
        let twin: number[] = [];
        let dropped = 0;
        for (const c of commands) {
          if (c.kind === 'shift') {
            expect(queue.shift()).to.equal(twin[0]);
            twin = twin.slice(1);
          } else {
            queue.push(c.item);
            dropped += twin.length === limit ? 1 : 0;
            twin = [...twin, c.item].slice(-limit);
          }
          expect(queue.toArray()).to.deep.equal(twin);
          expect(queue.length).to.equal(twin.length);
          expect(queue.dropped).to.equal(dropped);
        }
      }),
    );
  });

  it('the array is a copy', () => {
    const queue = new BoundedQueue<number>(2);
    queue.push(1);
    const before = queue.toArray();
    queue.push(2);
    expect(before).to.deep.equal([1]);
  });

  it('a limit of zero keeps nothing and counts all', () => {
    const queue = new BoundedQueue<number>(0);
    queue.push(1);
    expect({ length: queue.length, dropped: queue.dropped }).to.deep.equal({ length: 0, dropped: 1 });
  });
});
