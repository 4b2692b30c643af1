import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { tempFolder } from '../support/temp-folder.js';

describe('the journal on a full disk', () => {
  const folder = tempFolder();

  it('counts what it drops, says so once, keeps its lines whole, and goes on when there is room', async function () {
    this.timeout(20_000);
    const child = new URL('./full-disk-child.js', import.meta.url).pathname;
    const args = ['-Urm', process.execPath, child, folder()];
    const told = JSON.parse((await promisify(execFile)('unshare', args)).stdout);
    expect(told.troubles).to.deep.equal(['ENOSPC true', 'JOURNAL_RECOVERED true']);
    expect(told.dropped).to.be.within(100, 200);
    expect(told.counted).to.equal(told.dropped);
    expect(told.wholeWhileFull).to.equal(true);
    expect(told.kinds).to.deep.equal(['before', 'during', 'journal-dropped', 'after']);
  });
});
