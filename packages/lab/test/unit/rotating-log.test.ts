import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SampleRing } from '@softset/lab/sample-ring.js';
import { RotatingLog } from '@softset/runtime/init/rotating-log.js';
import { expect } from 'chai';

describe('a daemon’s log', () => {
  it('is rotated once at its limit, and goes on where an earlier life of init left it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'softset-lab-log-'));
    try {
      const file = join(dir, 'd.log');
      const first = new RotatingLog(file, 10);
      first.write(Buffer.from('12345678'));
      first.write(Buffer.from('abcd'));
      expect(readFileSync(file, 'utf8')).to.equal('abcd');
      expect(readFileSync(`${file}.1`, 'utf8')).to.equal('12345678');
      const second = new RotatingLog(file, 10);
      second.write(Buffer.from('efghij'));
      expect(readFileSync(file, 'utf8')).to.equal('abcdefghij');
      second.write(Buffer.from('k'));
      expect(readFileSync(`${file}.1`, 'utf8')).to.equal('abcdefghij');
      expect(readdirSync(dir).sort()).to.deep.equal(['d.log', 'd.log.1']);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a ring of samples', () => {
  it('is read by another thread through its memory, in order', () => {
    const writer = new SampleRing(100);
    for (let i = 0; i < 3; i++) writer.push(i + 0.5, i);
    expect(new SampleRing(writer.memory).read()).to.deep.equal([
      { atMs: 0.5, tag: 0 },
      { atMs: 1.5, tag: 1 },
      { atMs: 2.5, tag: 2 },
    ]);
  });

  it('loses the oldest when it is full, and those that may be overwritten while they are read', () => {
    const ring = new SampleRing(100);
    for (let i = 0; i < 250; i++) ring.push(i, 0);
    const times = ring.read().map(({ atMs }) => atMs);
    expect(times.at(-1)).to.equal(249);
    expect(times[0]).to.equal(160);
    expect(times.length).to.equal(90);
  });
});
