import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeArchive } from '@softset/cli/backup/archive.js';
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

  it('keeps the configuration that runs, where a roll-out left another than lies in the folder', () => {
    const text = `${readFileSync(cluster, 'utf8')}# rolled out\n`;
    const sha256 = (what: string): string => createHash('sha256').update(what).digest('hex');
    const body = JSON.stringify({ running: { text, hash: sha256(text), version: 2 } });
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'state/configuration'), `softset-sha256 ${sha256(body)}\n${body}`);
    const words = [
      'backup',
      '--cluster',
      cluster,
      '--out',
      join(folder, 'again'),
      '--state-dir',
      join(folder, 'state'),
    ];
    const told = run(...words);
    expect(told.stderr).to.equal('');
    expect(told.stdout).to.match(/^as they are used, not as they lie in \S+etc: cluster\.yaml$/m);
    const path = join(
      folder,
      'again',
      readdirSync(join(folder, 'again')).find((name) => name.endsWith('.settings')) ?? '',
    );
    const archive = decodeArchive(readFileSync(path, 'utf8'), path);
    const kept = archive.ok ? archive.value.files.find(({ name }) => name === 'cluster.yaml') : undefined;
    expect(Buffer.from(kept?.base64 ?? '', 'base64').toString()).to.equal(text);
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
