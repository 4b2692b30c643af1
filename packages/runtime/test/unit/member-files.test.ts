import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { writeChecked } from '@softset/runtime/atomic-file.js';
import { readKeys, writeKeptKeys } from '@softset/runtime/key-files.js';
import { memberFiles } from '@softset/runtime/member-files.js';
import { expect } from 'chai';

const [old, fresh, next] = ['0A'.repeat(32), '0b'.repeat(32), '0c'.repeat(32)] as const;

describe('what a board needs to be a member', () => {
  let folder = '';
  let state = '';
  let cluster = '';
  const path = (name: string): string => join(folder, 'etc', name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-member-'));
    state = join(folder, 'state');
    for (const name of ['etc', 'state']) mkdirSync(join(folder, name));
    cluster = path('cluster.yaml');
    writeFileSync(cluster, 'as the operator wrote it\n', { mode: 0o640 });
    writeFileSync(path('cluster.key'), `${old}\n\n`, { mode: 0o600 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const files = (oldKeyFile?: string) =>
    memberFiles(cluster, { keyFile: 'cluster.key', ...(oldKeyFile === undefined ? {} : { oldKeyFile }) }, state);
  const texts = (): string[] => unwrap(files()).files.map(({ text }) => text);
  /** As `softset key rotate` leaves them. */
  async function rotate(...keys: readonly string[]): Promise<void> {
    const places = { keyFile: path('cluster.key'), directory: state };
    const { over } = unwrap(readKeys(places));
    unwrap(await writeKeptKeys(places, { over, keys, serial: 1, rotation: 'r', into: 'x', outOf: 'y' }));
  }

  it('is the files as they lie there, byte for byte, where nothing came since', () => {
    const found = unwrap(files());
    expect(found).to.deep.equal({
      files: [
        { name: 'cluster.yaml', secret: false, text: 'as the operator wrote it\n' },
        { name: 'cluster.key', secret: true, text: `${old}\n\n` },
      ],
      renewed: [],
    });
  });

  it('is the keys that are used, where they were rotated by order', async () => {
    await rotate(fresh, next);
    expect(texts()).to.deep.equal(['as the operator wrote it\n', `${fresh}\n${next}\n`]);
    expect(unwrap(files()).renewed).to.deep.equal(['cluster.key']);
    // Whoever writes the key file anew is obeyed.
    writeFileSync(path('cluster.key'), `${next}\n`);
    expect(texts()[1]).to.equal(`${next}\n`);
    expect(unwrap(files()).renewed).to.deep.equal([]);
  });

  it('is the configuration that was rolled out', async () => {
    const text = 'as it was rolled out\n';
    const running = { text, hash: createHash('sha256').update(text).digest('hex'), version: 3 };
    unwrap(await writeChecked(join(state, 'configuration'), JSON.stringify({ running })));
    expect(texts()[0]).to.equal(text);
    expect(unwrap(files()).renewed).to.deep.equal(['cluster.yaml']);
  });

  it('has a file for each key where the cluster file names two; one whose old key is gone is refused', async () => {
    writeFileSync(path('old.key'), `${fresh}\n`, { mode: 0o600 });
    expect(unwrap(files('old.key')).files.map(({ name }) => name)).to.deep.equal([
      'cluster.yaml',
      'cluster.key',
      'old.key',
    ]);
    const places = { keyFile: path('cluster.key'), oldKeyFile: path('old.key'), directory: state };
    const { over } = unwrap(readKeys(places));
    unwrap(await writeKeptKeys(places, { over, keys: [next], serial: 1, rotation: 'r', into: 'x', outOf: 'y' }));
    expect(files('old.key')).to.include({ ok: false, code: 'KEY_OLD_FILE' });
  });

  it('refuses a key that lies elsewhere, and one that others may read', () => {
    expect(memberFiles(cluster, { keyFile: '/root/key' }, state)).to.include({ ok: false, code: 'KEY_ELSEWHERE' });
    writeFileSync(path('open.key'), old, { mode: 0o644 });
    expect(memberFiles(cluster, { keyFile: 'open.key' }, state)).to.include({ ok: false, code: 'KEY_EXPOSED' });
  });
});
