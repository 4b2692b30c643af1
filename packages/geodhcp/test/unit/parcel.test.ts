import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { parcel } from '@softset/geodhcp/enrol/parcel.js';
import { readKeys, writeKeptKeys } from '@softset/runtime/key-files.js';
import { expect } from 'chai';

const OLD = '01'.repeat(32);
const NEW = '02'.repeat(32);

describe('what a board that is let in is given', () => {
  let folder = '';
  let state = '';
  let cluster = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'geodhcp-parcel-'));
    state = join(folder, 'state');
    cluster = join(folder, 'cluster.yaml');
    mkdirSync(state);
    writeFileSync(cluster, 'the file\n');
    writeFileSync(join(folder, 'own.key'), `${OLD}\n`, { mode: 0o600 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const texts = (keys: { keyFile: string; oldKeyFile?: string }): string[] =>
    unwrap(parcel(cluster, keys, state)).map(({ name, text }) => `${name}: ${text.trim()}`);

  it('the files as they are, where nothing was rolled out or rotated', () => {
    expect(texts({ keyFile: 'own.key' })).to.deep.equal(['cluster.yaml: the file', `own.key: ${OLD}`]);
  });

  it('after a rotation the key that is used, in the place of the one in the key file', async () => {
    const places = { keyFile: join(folder, 'own.key'), directory: state };
    const { over } = unwrap(readKeys(places));
    const kept = { over, keys: [NEW], serial: 1, rotation: 'r', into: '', outOf: '' };
    unwrap(await writeKeptKeys(places, kept));
    expect(texts({ keyFile: 'own.key' })).to.include(`own.key: ${NEW}`);
    unwrap(await writeKeptKeys(places, { ...kept, keys: [NEW, OLD] }));
    expect(texts({ keyFile: 'own.key' }), 'in its midst both').to.include(`own.key: ${NEW}\n${OLD}`);
  });

  it('refuses a key that lies elsewhere, and one that is not there', () => {
    expect(parcel(cluster, { keyFile: '/run/own.key' }, state)).to.include({ code: 'KEY_ELSEWHERE' });
    expect(parcel(cluster, { keyFile: 'none.key' }, state)).to.include({ code: 'KEY_MISSING' });
  });
});
