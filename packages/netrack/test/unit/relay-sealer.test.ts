import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { openSealer as open } from '@softset/netrack/adapters/sealer.js';
import { writeKeptKeys } from '@softset/runtime/key-files.js';
import { expect } from 'chai';

const openSealer = (keyFile: string, oldKeyFile?: string, directory?: string) =>
  open({ keyFile, oldKeyFile, directory });

describe('key files of the sealer', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-relay-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const key = (name: string, text: string, mode = 0o600): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('gives what openssl calls HMAC-SHA-256, named by the first byte of the key’s digest', () => {
    const sealer = unwrap(openSealer(key('new', `${'0b'.repeat(32)}\n`)));
    expect(sealer.keyId).to.equal(240);
    const code = sealer.mac(sealer.keyId, new TextEncoder().encode('Hi There'));
    expect(Buffer.from(code ?? []).toString('hex')).to.equal(
      '198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7',
    );
    expect(sealer.mac(sealer.keyId ^ 1, new Uint8Array(1)), 'a key that is not held').to.equal(undefined);
  });

  it('seals with the new key and still believes the old one', () => {
    const [fresh, old] = [key('new', 'ab'.repeat(32)), key('old', 'cd'.repeat(32))];
    const before = unwrap(openSealer(old));
    const after = unwrap(openSealer(fresh, old));
    const bytes = new Uint8Array([1, 2, 3]);
    expect(after.keyId).to.not.equal(before.keyId);
    expect(after.mac(before.keyId, bytes)).to.deep.equal(before.mac(before.keyId, bytes));
    expect(before.mac(after.keyId, bytes)).to.equal(undefined);
  });

  const [OLD, NEW, OTHER] = ['cd'.repeat(32), 'ab'.repeat(32), 'ef'.repeat(32)];
  const steps = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]];

  it('boards that take the steps of a rotation one after another believe each other at each point', async () => {
    const paths = ['b1', 'b2', 'b3'].map((name) => key(name, OLD));
    const boards = paths.map((path) => unwrap(openSealer(path)));
    const bytes = new Uint8Array([1, 2, 3]);
    const ids = new Set<number>();
    for (const step of steps.slice(1)) {
      for (const [at, path] of paths.entries()) {
        writeFileSync(path, `${step.join('\n')}\n`);
        expect((await boards[at]?.reload())?.ok).to.equal(true);
        for (const from of boards) {
          ids.add(from.keyId);
          const code = Buffer.from(from.mac(from.keyId, bytes) ?? []);
          for (const to of boards) expect(Buffer.from(to.mac(from.keyId, bytes) ?? [])).to.deep.equal(code);
        }
      }
    }
    expect(ids.size, 'sealed with both in turn').to.equal(2);
    const gone = unwrap(openSealer(key('gone', OLD)));
    expect(boards[0]?.mac(gone.keyId, bytes), 'the old key is no longer believed').to.equal(undefined);
  });

  const leaps: readonly [string, readonly string[], readonly string[]][] = [
    ['the new key at once', [OLD], [NEW]],
    ['the use of a key that was not installed', [OLD], [NEW, OLD]],
    ['the removal of the key in use', [OLD, NEW], [NEW]],
    ['a second rotation amid the first', [OLD, NEW], [OTHER, OLD]],
    ['a key that nobody knows in place of both', [NEW, OLD], [OTHER]],
  ];
  for (const [what, before, after] of leaps) {
    it(`refuses ${what} while it runs, and keeps the keys that it had`, async () => {
      const path = key('ring', before.join('\n'));
      const sealer = unwrap(openSealer(path));
      const twin = unwrap(openSealer(key('twin', before.join('\n'))));
      writeFileSync(path, after.join('\n'));
      const result = await sealer.reload();
      expect(result.ok ? 'taken' : result.code).to.equal('KEY_LEAP');
      expect(sealer.keyId).to.equal(twin.keyId);
      for (let id = 0; id < 256; id++) {
        expect(sealer.mac(id, new Uint8Array(1))?.slice()).to.deep.equal(twin.mac(id, new Uint8Array(1))?.slice());
      }
    });
  }

  it('keeps its keys when the file went bad or away, and takes it when it is whole again', async () => {
    const path = key('ring', OLD);
    const sealer = unwrap(openSealer(path));
    for (const text of ['', OLD.slice(1), [OLD, NEW, OTHER].join('\n')]) {
      writeFileSync(path, text);
      const result = await sealer.reload();
      expect(result.ok ? 'taken' : result.code).to.equal('KEY_MALFORMED');
      expect(sealer.mac(sealer.keyId, new Uint8Array(1))).to.not.equal(undefined);
    }
    rmSync(path);
    expect((await sealer.reload()).ok).to.equal(false);
    key('ring', [OLD, NEW].join('\n'));
    expect((await sealer.reload()).ok).to.equal(true);
    expect(sealer.mac(unwrap(openSealer(key('new', NEW))).keyId, new Uint8Array(1))).to.not.equal(undefined);
  });

  it('does not go back to the old key alone while another board seals with the new one', async () => {
    const path = key('ring', [OLD, NEW].join('\n'));
    const sealer = unwrap(openSealer(path));
    const other = unwrap(openSealer(key('other', [NEW, OLD].join('\n'))));
    sealer.believed?.(other.keyId);
    writeFileSync(path, OLD);
    const result = await sealer.reload();
    expect(result.ok ? 'taken' : result.code).to.equal('KEY_IN_USE');
    expect(sealer.mac(other.keyId, new Uint8Array(1))).to.not.equal(undefined);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await sealer.reload()).ok, 'a second after its last frame').to.equal(true);
  });

  it('what a rotation by order left counts, until the key file is written anew', async () => {
    const places = { keyFile: key('ring', OLD), directory: folder };
    const { over } = unwrap(open(places)).source();
    const kept = { over, keys: [NEW, OLD], serial: 3, rotation: 'r', into: '', outOf: '' };
    unwrap(await writeKeptKeys(places, kept));
    const sealer = unwrap(open(places));
    expect(sealer.keys().map((one) => one.toString('hex'))).to.deep.equal([NEW, OLD]);
    key('ring', [OTHER].join('\n'));
    const after = unwrap(open(places));
    expect(after.keys().map((one) => one.toString('hex'))).to.deep.equal([OTHER]);
    expect(after.source().kept?.serial, 'an old order stays old').to.equal(3);
    key('keys', 'garbage');
    expect(unwrap(open(places)).keys().length, 'a damaged copy is none').to.equal(1);
  });

  it('refuses a third key in the old key file', () => {
    const result = openSealer(key('ring', [OLD, NEW].join('\n')), key('old', OTHER));
    expect(result.ok ? 'accepted' : result.code).to.equal('KEY_MALFORMED');
  });

  const refusals: readonly [string, string, number, string, string][] = [
    ['that its group may read', 'ab'.repeat(32), 0o640, 'KEY_EXPOSED', 'chmod 0600'],
    ['that others may write', 'ab'.repeat(32), 0o602, 'KEY_EXPOSED', 'mode 0602'],
    ['of 63 digits', 'a'.repeat(63), 0o600, 'KEY_MALFORMED', 'found 63 characters'],
    ['that is no number', 'g'.repeat(64), 0o600, 'KEY_MALFORMED', '64 hexadecimal digits'],
    ['that is empty', '', 0o600, 'KEY_MALFORMED', 'found 0 characters'],
  ];
  for (const [what, text, mode, code, words] of refusals) {
    it(`refuses a key file ${what}, by name and with the cure`, () => {
      const path = key('bad', text, mode);
      for (const result of [openSealer(path), openSealer(key('good', 'ab'.repeat(32)), path)]) {
        expect(result.ok ? 'accepted' : result.code).to.equal(code);
        expect(result.ok ? '' : result.message)
          .to.contain(path)
          .and.to.contain(words);
        expect(result.ok ? '' : result.message, 'never the key itself').to.not.contain(text.slice(0, 20) || 'ab');
      }
    });
  }

  it('refuses a key file that is missing, and one that is a folder', () => {
    for (const path of [join(folder, 'none'), folder]) {
      const result = openSealer(path);
      expect(result.ok ? 'accepted' : result.code).to.be.oneOf(['KEY_MISSING', 'KEY_EXPOSED']);
      expect(result.ok ? '' : result.message).to.contain(path);
    }
  });
});
