import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unwrap } from '@softset/base';
import { decodeArchive } from '@softset/cli/backup/archive.js';
import { keyTextsInUse, readKeys, writeKeptKeys } from '@softset/runtime/key-files.js';
import { expect } from 'chai';
import fc from 'fast-check';

const softset = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));
const run = (...words: string[]) => spawnSync(process.execPath, [softset, ...words], { encoding: 'utf8' });
const mode = (path: string): number => statSync(path).mode & 0o777;

describe('softset backup and restore', function () {
  this.timeout(20_000);
  let folder = '';
  let etc = '';
  let cluster = '';
  let settings = '';
  let secrets = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-backup-'));
    etc = join(folder, 'etc');
    cluster = join(etc, 'cluster.yaml');
    const words = ['init', '--dir', etc, '--name', 'lab', '--network-a', '10.1.0.0/16,eth0'];
    execFileSync(process.execPath, [softset, ...words, '--network-b', '20.1.0.0/16,eth1', '--boards', 'a,b,c']);
    mkdirSync(join(etc, 'rules'));
    writeFileSync(join(etc, 'rules/own.yaml'), 'rules: []\n', { mode: 0o644 });
    writeFileSync(join(etc, 'trap'), 'password\n', { mode: 0o600 });
    const told = JSON.parse(run('backup', '--cluster', cluster, '--out', join(folder, 'out'), '--json').stdout) as {
      settings: string;
      secrets: string;
    };
    settings = told.settings;
    secrets = told.secrets;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps secrets apart, in a file that its owner alone may read', () => {
    expect(mode(secrets)).to.equal(0o600);
    const names = (path: string): string[] => {
      const archive = decodeArchive(readFileSync(path, 'utf8'), path);
      return archive.ok ? archive.value.files.map(({ name }) => name).sort() : [];
    };
    expect(names(settings)).to.deep.equal(['cluster.yaml', 'rules/own.yaml']);
    expect(names(secrets)).to.deep.equal(['cluster.key', 'trap']);
    const key = readFileSync(join(etc, 'cluster.key'));
    const text = readFileSync(settings, 'utf8');
    expect(text).not.to.contain(key.toString('base64').slice(0, 40)).and.not.contain(key.toString('utf8').trim());
  });

  it('has the key that is used, where a rotation left another than the key file has', async () => {
    const state = join(folder, 'state');
    mkdirSync(state);
    const places = { keyFile: join(etc, 'cluster.key'), directory: state };
    const before = unwrap(readKeys(places));
    const rotated = { serial: 1, rotation: 'r', into: '', outOf: '' };
    unwrap(await writeKeptKeys(places, { over: before.over, keys: ['ab'.repeat(32)], ...rotated }));
    const out = join(folder, 'rotated');
    const told = run('backup', '--cluster', cluster, '--state-dir', state, '--out', out, '--json');
    expect(told.status, told.stderr).to.equal(0);
    const path = (JSON.parse(told.stdout) as { secrets: string }).secrets;
    const archive = unwrap(decodeArchive(readFileSync(path, 'utf8'), path));
    const key = archive.files.find(({ name }) => name === 'cluster.key');
    expect(Buffer.from(key?.base64 ?? '', 'base64').toString()).to.equal(`${'ab'.repeat(32)}\n`);
    // Somebody wrote the key file anew: that counts, as it does for the daemons.
    writeFileSync(places.keyFile, `${'cd'.repeat(32)}\n`, { mode: 0o600 });
    expect(unwrap(readKeys(places)).keys.map((one) => one.toString('hex'))).to.deep.equal(['cd'.repeat(32)]);
    expect(unwrap(keyTextsInUse(places))).to.equal(undefined);
  });

  it('restores all of it elsewhere, byte for byte, with modes', () => {
    const there = join(folder, 'new/cluster.yaml');
    expect(run('restore', settings, secrets, '--cluster', there).status).to.equal(0);
    for (const name of ['cluster.yaml', 'cluster.key', 'trap', 'rules/own.yaml'])
      expect(readFileSync(join(folder, 'new', name)).equals(readFileSync(join(etc, name))), name).to.equal(true);
    expect(mode(join(folder, 'new/cluster.key'))).to.equal(0o600);
    expect(mode(there)).to.equal(0o640);
    expect(readdirSync(join(folder, 'new')).sort()).to.deep.equal(['cluster.key', 'cluster.yaml', 'rules', 'trap']);
  });

  it('writes nothing over that is another, unless told to', () => {
    writeFileSync(join(etc, 'cluster.key'), `${'0'.repeat(64)}\n`);
    rmSync(join(etc, 'trap'));
    const refused = run('restore', settings, secrets, '--cluster', cluster);
    expect(refused.status).to.equal(1);
    expect(refused.stderr).to.contain('cluster.key is there, and is another');
    expect(readdirSync(etc), 'nothing was written').not.to.include('trap');
    expect(run('restore', settings, secrets, '--cluster', cluster, '--force').status).to.equal(0);
    expect(readFileSync(join(etc, 'cluster.key'), 'utf8')).not.to.match(/^0{64}/);
  });

  it('refuses what is damaged, of another kind, or of another cluster, before it writes', () => {
    const there = join(folder, 'new/cluster.yaml');
    const bytes = readFileSync(settings, 'utf8');
    const bad = join(folder, 'bad');
    for (const text of [bytes.replace('"lab"', '"lbb"'), bytes.slice(0, -20), '', 'softset-sha256 0\n']) {
      writeFileSync(bad, text);
      const refused = run('restore', secrets, bad, '--cluster', there);
      expect(refused.status, text.slice(0, 30)).to.equal(1);
      expect(() => readdirSync(join(folder, 'new'))).to.throw('ENOENT');
    }
    const other = join(folder, 'other');
    const words = ['init', '--dir', other, '--name', 'two', '--network-a', '10.1.0.0/16,eth0'];
    execFileSync(process.execPath, [softset, ...words, '--network-b', '20.1.0.0/16,eth1', '--boards', 'a,b,c']);
    chmodSync(join(other, 'cluster.yaml'), 0o640);
    const told = JSON.parse(
      run('backup', '--cluster', join(other, 'cluster.yaml'), '--out', folder, '--json').stdout,
    ) as { secrets: string };
    expect(run('restore', settings, told.secrets, '--cluster', there).stderr).to.contain('two clusters');
  });

  it('has a decoder that never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => !decodeArchive(text, 'x').ok),
      { numRuns: 1000 },
    );
  });
});
