import { opened, Post } from '@softset/netrack/post.js';
import type { BoardId, BoardMessage } from '@softset/protocol';
import { expect } from 'chai';
import { registerOf } from './cluster-world.js';

const wrote = (index: number): BoardMessage => ({ kind: 'wrote', term: 1, index, boot: '' });
const write: BoardMessage = { kind: 'write', register: registerOf({ term: 1, index: 1 }) };

function sent(fill: (post: Post) => void): [to: BoardId | 'all', value: unknown][] {
  const out: [BoardId | 'all', unknown][] = [];
  const post = new Post((to, value) => out.push([to, value]));
  fill(post);
  return out;
}

describe('post', () => {
  it('puts what one turn says to a board into one datagram, in order, and a single message as it is', () => {
    const all = sent((post) => {
      post.add(2, wrote(1));
      post.add(3, wrote(2));
      post.add(2, wrote(3));
      post.deliver();
      post.deliver();
    });
    expect(all).to.deep.equal([
      [2, [wrote(1), wrote(3)]],
      [3, wrote(2)],
    ]);
  });

  it('sends nothing before the turn ends, but for a register, which may be long', () => {
    const early = sent((post) => {
      post.add(2, wrote(1));
      post.add(2, write);
    });
    expect(early).to.deep.equal([[2, write]]);
  });

  it('fills no datagram without end', () => {
    const all = sent((post) => {
      for (let i = 0; i < 40; i++) post.add('all', wrote(i));
      post.deliver();
    });
    expect(all.map(([, value]) => opened(value).length)).to.deep.equal([16, 16, 8]);
  });

  it('opens one message or many, and not more than it would ever send', () => {
    expect(opened('x')).to.deep.equal(['x']);
    expect(opened(Array.from({ length: 1000 }, (_, i) => i))).to.have.lengthOf(16);
  });
});
