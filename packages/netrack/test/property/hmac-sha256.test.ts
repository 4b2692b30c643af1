import { createHmac } from 'node:crypto';
import { HmacSha256 } from '@softset/netrack/adapters/hmac-sha256.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('our HMAC-SHA-256 of short messages', () => {
  const theirs = (key: Uint8Array, bytes: Uint8Array): string => createHmac('sha256', key).update(bytes).digest('hex');

  it('is OpenSSL’s, for every length around the edges of a block and of what is left to OpenSSL', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
    const hmac = new HmacSha256(key);
    for (const length of [...Array.from({ length: 260 }, (_, i) => i), 1023, 1024, 1025, 5000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255);
      expect(Buffer.from(hmac.mac(bytes)).toString('hex'), `${length} bytes`).to.equal(theirs(key, bytes));
    }
  });

  it('is OpenSSL’s for any key up to a block and any message, and remembers nothing of the one before', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        (key, messages) => {
          const hmac = new HmacSha256(key);
          for (const bytes of messages)
            expect(Buffer.from(hmac.mac(bytes)).toString('hex')).to.equal(theirs(key, bytes));
        },
      ),
    );
  });
});
