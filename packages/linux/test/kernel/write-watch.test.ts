import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { WriteWatch } from '@softset/linux/write-watch.js';
import { expect } from 'chai';

describe('which files were written to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'softset-write-'));
  const watch = unwrap(WriteWatch.open());
  const files = [0, 1, 2].map((i) => openSync(join(folder, `f${i}`), 'a'));
  const [first = -1, second = -1] = files;
  after(() => {
    for (const fd of files) closeSync(fd);
    watch.close();
    rmSync(folder, { recursive: true });
  });

  it('tells each once, however often it was written to, until it is asked for the next', () => {
    const numbers = files.map((fd) => unwrap(watch.next(fd)));
    expect(watch.written()).to.deep.equal(new Set());
    for (let i = 0; i < 1000; i++) writeSync(first, 'x');
    expect(watch.written()).to.deep.equal(new Set([numbers[0]]));
    writeSync(first, 'x');
    writeSync(second, 'x');
    expect(watch.written()).to.deep.equal(new Set([numbers[1]]));
    const again = unwrap(watch.next(first));
    writeSync(first, 'x');
    expect(watch.written()).to.deep.equal(new Set([again]));
  });

  it('means the file that is open, wherever its path leads by now', () => {
    const fd = openSync(join(folder, 'gone'), 'a');
    rmSync(join(folder, 'gone'));
    const number = unwrap(watch.next(fd));
    writeSync(fd, 'x');
    expect(watch.written()).to.deep.equal(new Set([number]));
    closeSync(fd);
  });

  it('says so when a descriptor is none', () => {
    expect(watch.next(999_999)).to.include({ ok: false, code: 'ENOENT' });
  });
});
