import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { openSealer } from '@softset/netrack/adapters/sealer.js';
import { expect } from 'chai';

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
