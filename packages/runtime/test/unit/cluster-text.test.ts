import { createHash } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { withChecksum } from '@softset/runtime/atomic-file.js';
import { clusterText, clusterTextLater } from '@softset/runtime/cluster-text.js';
import { expect } from 'chai';

const of = (text: string) => ({ text, hash: createHash('sha256').update(text).digest('hex') });

describe('which configuration a daemon starts with', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-text-'));
    file = join(folder, 'cluster.yaml');
    writeFileSync(file, 'own');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const keep = (record: object, checked = true) => {
    const body = JSON.stringify(record);
    writeFileSync(join(folder, 'configuration'), checked ? withChecksum(body) : body);
  };
  const running = { ...of('rolled out'), version: 3 };

  it('its own file where nothing was rolled out, or only held ready', () => {
    expect(unwrap(clusterText(file, folder))).to.include({ ...of('own'), fileIgnored: false });
    keep({ staged: { ...of('next'), who: 'operator' } });
    expect(unwrap(clusterText(file, folder)).text).to.equal('own');
    expect(unwrap(clusterText(file, undefined)).text).to.equal('own');
  });

  it('the copy that was rolled out, also where the file is gone', async () => {
    keep({ running, previous: of('own') });
    expect(unwrap(clusterText(file, folder))).to.include({ ...of('rolled out'), fileIgnored: false });
    rmSync(file);
    expect(unwrap(clusterText(file, folder)).text).to.equal('rolled out');
    expect(unwrap(await clusterTextLater(file, folder)).text).to.equal('rolled out');
  });

  it('says that the file is ignored, where it says what was never run', () => {
    keep({ running, previous: of('own') });
    writeFileSync(file, 'edited by hand');
    expect(unwrap(clusterText(file, folder))).to.include({ text: 'rolled out', fileIgnored: true });
  });

  it('a damaged copy is none, and is told of', () => {
    keep({ running }, false);
    const found = unwrap(clusterText(file, folder));
    expect(found.text).to.equal('own');
    expect(found.damaged).to.match(/damaged/);
    rmSync(file);
    expect(clusterText(file, folder)).to.include({ ok: false, code: 'ENOENT' });
  });

  it('a daemon that runs as root takes no copy that another user could write', function () {
    if (process.getuid?.() !== 0) this.skip();
    keep({ running });
    chownSync(join(folder, 'configuration'), 65534, 65534);
    const found = unwrap(clusterText(file, folder));
    expect(found.text).to.equal('own');
    expect(found.damaged).to.match(/belongs to user 65534/);
  });
});
