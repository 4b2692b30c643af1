import { Topic } from '@softset/runtime/topic.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('a topic', () => {
  it('leads a subscriber from any earlier position to the present whole, as a naive twin that replays everything does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99)), fc.nat(40), fc.integer({ min: 1, max: 8 }), (numbers, from, history) => {
        const whole: number[] = [];
        const topic = new Topic<number[], number>({ snapshot: () => [...whole], history });
        for (const number of numbers) {
          whole.push(number);
          topic.publish(number);
        }
        const position = Math.min(from, numbers.length);
        const replay = topic.replay({ origin: topic.origin, sequence: position });
        const twin = numbers.slice(0, position);
        const reached = replay.kind === 'snapshot' ? replay.data : [...twin, ...replay.changes.map((c) => c.data)];
        expect(reached).to.deep.equal(numbers);
        expect(replay.kind).to.equal(numbers.length - position <= history ? 'changes' : 'snapshot');
      }),
    );
  });

  it('numbers changes from 1 without gaps, for every listener', () => {
    const topic = new Topic<null, string>({ snapshot: () => null });
    const heard: number[] = [];
    const stop = topic.listen(({ sequence }) => heard.push(sequence));
    topic.publish('a');
    topic.publish('b');
    stop();
    topic.publish('c');
    expect(heard).to.deep.equal([1, 2]);
    expect(topic.sequence).to.equal(3);
  });

  it('gives a snapshot for another life, a position of the future, and none', () => {
    const topic = new Topic<string, string>({ snapshot: () => 'whole' });
    topic.publish('a');
    for (const after of [undefined, { origin: 'other', sequence: 1 }, { origin: topic.origin, sequence: 2 }]) {
      expect(topic.replay(after)).to.deep.equal({ kind: 'snapshot', sequence: 1, data: 'whole' });
    }
  });

  it('refuses a filter where it reads none', () => {
    expect(new Topic({ snapshot: () => 1 }).view({})).to.include({ ok: false, code: 'FILTER_UNSUPPORTED' });
  });
});
