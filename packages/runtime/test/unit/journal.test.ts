import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { openJournal } from '@softset/runtime/journal.js';
import { expect } from 'chai';
import { tempFolder } from '../support/temp-folder.js';

interface Line {
  readonly sequence: number;
  readonly monotonicMs: number;
  readonly time: string;
  readonly who: unknown;
  readonly what: string;
}

function lines(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('the journal', () => {
  const folder = tempFolder();

  it('writes who did what when, and goes on counting across restarts', async () => {
    const path = join(folder(), 'j');
    const first = unwrap(await openJournal({ path, nowMs: () => 12.5, wallTime: () => new Date(0) }));
    expect(first.append({ who: { pid: 1 }, what: 'moved', fields: { service: 'web' } })).to.equal(1);
    await first.close();
    const second = unwrap(await openJournal({ path }));
    expect(second.append({ who: 'redirectd', what: 'again' })).to.equal(2);
    await second.close();
    expect(lines(path)[0]).to.deep.equal({
      sequence: 1,
      monotonicMs: 12.5,
      time: '1970-01-01T00:00:00.000Z',
      who: { pid: 1 },
      what: 'moved',
      fields: { service: 'web' },
    });
    expect(lines(path)[1]).to.include({ sequence: 2, who: 'redirectd', what: 'again' });
  });

  it('is bounded by one rotation, and loses no number at it', async () => {
    const path = join(folder(), 'j');
    const journal = unwrap(await openJournal({ path, bytesMax: 4_000 }));
    for (let i = 0; i < 60; i++) {
      journal.append({ who: 'w', what: 'x', fields: { text: 'y'.repeat(100) } });
      if (i % 7 === 0) await journal.flush(5_000);
    }
    await journal.close();
    expect(statSync(path).size).to.be.at.most(4_000);
    expect(statSync(`${path}.1`).size).to.be.at.most(4_000);
    const numbers = [...lines(`${path}.1`), ...lines(path)].map(({ sequence }) => sequence);
    expect(numbers).to.deep.equal(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    expect(numbers.at(-1)).to.equal(60);
  });

  it('cuts off the half line that a crash left', async () => {
    const path = join(folder(), 'j');
    const first = unwrap(await openJournal({ path }));
    first.append({ who: 'w', what: 'whole' });
    await first.close();
    appendFileSync(path, '{"sequence":2,"wh');
    const second = unwrap(await openJournal({ path }));
    second.append({ who: 'w', what: 'next' });
    await second.close();
    expect(lines(path).map(({ sequence, what }) => [sequence, what])).to.deep.equal([
      [1, 'whole'],
      [2, 'next'],
    ]);
  });

  it('says errno when it cannot be opened', async () => {
    expect(await openJournal({ path: join(folder(), 'no', 'j') })).to.include({ ok: false, code: 'ENOENT' });
  });
});
