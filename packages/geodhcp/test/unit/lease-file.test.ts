import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeaseFile } from '@softset/geodhcp/adapters/lease-file.js';
import type { Kept } from '@softset/geodhcp/core/state.js';
import { expect } from 'chai';

const kept = (n: number): Kept => ({
  leases: [{ ip: '10.1.2.1', mac: '02:00:00:00:00:01', place: 'a/p1', name: 'slot-1', by: 'dhcp', sinceMs: n }],
  conflicts: [],
  shared: [],
});

describe('the lease file', () => {
  let folder = '';
  let path = '';
  const troubles: string[] = [];
  const open = (): LeaseFile => new LeaseFile(path, { onTrouble: (code) => troubles.push(code) });
  const since = (): number | undefined => {
    const read = LeaseFile.read(path);
    return read.ok ? read.value.leases[0]?.sinceMs : undefined;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-leases-'));
    path = join(folder, 'leases');
    troubles.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('what was given is on disk when it is settled, and comes back', async () => {
    const file = open();
    file.keep(kept(7));
    await file.settled();
    expect(since()).to.equal(7);
    expect(troubles).to.deep.equal([]);
  });

  it('who waits for one lease does not wait for those that came later', async () => {
    const file = open();
    let given = 0;
    let over = false;
    // As in a chassis that is switched on: there is always another lease to be written.
    const busy = (async () => {
      while (!over) {
        file.keep(kept(++given));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const took: number[] = [];
    for (let i = 0; i < 5; i++) {
      const mine = given;
      const startMs = performance.now();
      await file.settled();
      took.push(performance.now() - startMs);
      expect(since() ?? 0, 'on disk').to.be.at.least(mine);
    }
    over = true;
    // Not all of them ran into the 250 ms after which nobody waits any longer.
    expect(Math.min(...took)).to.be.lessThan(200);
    await busy;
    await file.settled();
    expect(since()).to.equal(given);
  });

  it('a disk that takes nothing is told once, and holds nobody up; what was given last is written when it does', async function () {
    this.timeout(10_000);
    path = join(folder, 'missing', 'leases');
    const file = open();
    file.keep(kept(1));
    await file.settled();
    file.keep(kept(2));
    await file.settled();
    expect(troubles).to.deep.equal(['ENOENT']);
    path = join(folder, 'missing', 'leases');
    expect(LeaseFile.read(path).ok).to.equal(false); // It makes the folder.
    for (let i = 0; i < 400 && troubles.length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(since()).to.equal(2);
    expect(troubles).to.deep.equal(['ENOENT', 'LEASES_WRITTEN']);
    await file.close();
  });

  it('a file that was damaged, or is of another version, is refused', async () => {
    const file = open();
    file.keep(kept(1));
    // Whoever waits is let go after a while; a slow disk may take longer.
    for (let i = 0; i < 100 && !existsSync(path); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('slot-1', 'slot-2'));
    const damaged = LeaseFile.read(path);
    expect(damaged.ok ? '' : damaged.code).to.equal('CHECKSUM_MISMATCH');
  });
});
