import { chainOf, movedTo } from '@softset/cli/psrm/chain.js';
import { linesOf, stampsOf } from '@softset/cli/psrm/log-lines.js';
import type { Chapter, Move, ServiceState } from '@softset/protocol';
import { expect } from 'chai';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('softset psrm log: when a line was written', () => {
  const text = 'one\nzwei und ß\nthree\nfour';

  it('is the first stamp behind its beginning, in bytes and not in letters', () => {
    // "one\n" ends at 4, "zwei und ß\n" at 16: ß takes two bytes.
    const lines = linesOf(bytes(text), stampsOf('1000 4\n2000 16\n3000 20\n'));
    expect(lines).to.deep.equal([
      { atMs: 1000, text: 'one' },
      { atMs: 2000, text: 'zwei und ß' },
      { atMs: 3000, text: 'three' },
      { text: 'four' },
    ]);
  });

  it('several lines of one stamp, and no stamps at all', () => {
    expect(linesOf(bytes('a\nb\n'), [{ atMs: 7, size: 4 }]).map(({ atMs }) => atMs)).to.deep.equal([7, 7]);
    expect(linesOf(bytes('a\n\nb'), [])).to.deep.equal([{ text: 'a' }, { text: '' }, { text: 'b' }]);
    expect(linesOf(bytes(''), [])).to.deep.equal([]);
  });

  it('stamps that a full disk cut are passed over', () => {
    expect(stampsOf('1000 4\n20\nx y\n\n3000 9')).to.deep.equal([
      { atMs: 1000, size: 4 },
      { atMs: 3000, size: 9 },
    ]);
  });

  it('what a program writes does not drive the terminal', () => {
    expect(linesOf(bytes('a\u001b[31m\tb\r\u0007'), [])).to.deep.equal([{ text: 'a [31m\tb  ' }]);
    expect(linesOf(Uint8Array.of(0xff, 0x41), [])[0]?.text, 'no UTF-8').to.equal('\ufffdA');
  });
});

describe('softset psrm why: the chain', () => {
  const of = (...texts: string[]): Chapter[] => texts.map((text, atMs) => ({ atMs, state: 'up', text }));

  it('begins with the last ordered start, leaves out what is as it should be, and counts what repeats', () => {
    const chain = chainOf(
      of(
        ...['exit 1; given up: never restarted after that', 'ordered to start', 'started, life 4', 'ready'],
        ...['not responding: missed 3 probes; is stopped', 'signal KILL; restarted (restart 1)', 'started, life 5'],
        ...['not responding: missed 3 probes; is stopped', 'signal KILL; restarted (restart 2)', 'started, life 6'],
        ...['exit 3; given up: 3 deaths within 10000 ms', 'failed: not started here until it is ordered'],
      ),
      'media moved to cpu-b (its program web was given up)',
    );
    expect(chain).to.equal(
      'not responding: missed 3 probes; is stopped ×2 → signal KILL; restarted (restart 1) ×2 → ' +
        'exit 3; given up: 3 deaths within 10000 ms → media moved to cpu-b (its program web was given up)',
    );
  });

  it('of a program that nothing happened to is empty', () => {
    expect(chainOf(of('ordered to start', 'started, life 1', 'ready'), undefined)).to.equal('');
    expect(chainOf([], undefined)).to.equal('');
  });

  it('where the service went: by the last move, else by who holds it', () => {
    const nameOf = (id: number): string => `cpu-${id}`;
    const held: ServiceState = {
      service: 'media',
      phase: 'held',
      cause: '',
      holder: { board: 2, grant: { term: 1, n: 1 } },
    };
    const move: Move = { service: 'media', from: 1, to: 2, cause: 'its board failed', reasons: [], atMs: 0 };
    expect(movedTo(held, [move, { ...move, service: 'other', to: 3 }], nameOf)).to.equal(
      'media moved to cpu-2 (its board failed)',
    );
    expect(movedTo(held, [], nameOf)).to.equal('media is held by cpu-2');
    expect(movedTo({ service: 'media', phase: 'free', cause: '' }, [], nameOf)).to.equal(
      'media is free: nobody holds it',
    );
    expect(movedTo(undefined, [move], nameOf)).to.equal(undefined);
  });
});
