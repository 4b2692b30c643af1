import { createHmac } from 'node:crypto';
import {
  decodeRelayFrame,
  encodeRelayFrame,
  RELAY_PAYLOAD_MAX,
  type RelayFrame,
} from '@softset/netrack/core/relay/frame.js';
import type { Sealer } from '@softset/protocol/beat.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { lifeOf } from './relay-world.js';

const keys = new Map([
  [7, 'the key'],
  [9, 'the old key'],
]);
const sealer = (keyId: number): Sealer => ({
  keyId,
  mac: (id, bytes) => {
    const key = keys.get(id);
    return key === undefined ? undefined : createHmac('sha256', key).update(bytes).digest();
  },
});
const seal = sealer(7);

const frame: RelayFrame = {
  kind: 'data',
  network: 'B',
  cluster: 4711,
  from: 1,
  to: 64,
  life: lifeOf(0x0102, 3),
  toLife: lifeOf(0x0405, 6),
  attempt: 2,
  sequence: 8,
  floor: 7,
  payload: new Uint8Array([0xca, 0xfe]),
};

/** The sealed frame with some bytes changed, and sealed again: what only a holder of the key can send. */
function forgeWithKey(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = encodeRelayFrame(frame, seal);
  change(bytes);
  const code = seal.mac(7, bytes.subarray(0, -16));
  bytes.set((code ?? new Uint8Array(16)).subarray(0, 16), bytes.length - 16);
  return bytes;
}

describe('relay frame', function () {
  this.timeout(60_000);
  it('is laid out as its head says', () => {
    const bytes = encodeRelayFrame(frame, seal);
    expect(Buffer.from(bytes.subarray(0, -16)).toString('hex')).to.equal(
      '53b8' +
        '01' +
        '02' +
        '07' +
        '01' +
        '01' +
        '40' +
        '00001267' +
        '00000003' +
        '0000000000000102' +
        '0000000000000405' +
        '00000006' +
        '02' +
        '000000' +
        '0000000000000008' +
        '0000000000000007' +
        'cafe',
    );
  });

  it('comes back as it went, of every kind and size, under the new key and the old one', () => {
    const life = fc.record({
      boot: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0')),
      session: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    });
    const numbered = fc.record({
      kind: fc.constantFrom('data' as const, 'ack' as const, 'nack' as const, 'datagram' as const),
      network: fc.constantFrom('A' as const, 'B' as const),
      cluster: fc.constant(4711),
      from: fc.integer({ min: 1, max: 64 }),
      to: fc.integer({ min: 1, max: 64 }),
      life,
      toLife: life,
      attempt: fc.integer({ min: 0, max: 255 }),
      sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      payload: fc.uint8Array({ maxLength: 2000 }),
    });
    fc.assert(
      fc.property(numbered, fc.constantFrom(7, 9), (sample, key) => {
        const whole = { ...sample, floor: Math.floor(sample.sequence / 2) };
        const back = decodeRelayFrame(encodeRelayFrame(whole, sealer(key)), 4711, seal);
        expect(back).to.deep.equal({ ok: true, value: whole });
      }),
    );
    const { toLife: _, ...hello } = { ...frame, kind: 'hello' as const, sequence: 0, floor: 0 };
    expect(decodeRelayFrame(encodeRelayFrame(hello, seal), 4711, seal)).to.deep.equal({ ok: true, value: hello });
    const largest = { ...frame, payload: new Uint8Array(RELAY_PAYLOAD_MAX).fill(1) };
    expect(decodeRelayFrame(encodeRelayFrame(largest, seal), 4711, seal).ok).to.equal(true);
    expect(() => encodeRelayFrame({ ...frame, payload: new Uint8Array(RELAY_PAYLOAD_MAX + 1) }, seal)).to.throw();
  });

  const refusals: readonly [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(0), 'RELAY_SHORT'],
    ['71 bytes', encodeRelayFrame(frame, seal).subarray(0, 71), 'RELAY_SHORT'],
    ['a beat', forgeWithKey((b) => b.set([0x53, 0xb7])), 'RELAY_MAGIC'],
    ['a later version', forgeWithKey((b) => b.set([2], 2)), 'RELAY_VERSION'],
    ['a frame of another cluster', encodeRelayFrame({ ...frame, cluster: 4712 }, seal), 'RELAY_FOREIGN_CLUSTER'],
    ['a key that is not held', forgeWithKey((b) => b.set([8], 4)), 'RELAY_UNKNOWN_KEY'],
    ['a frame sealed with another key', forgeWithKey((b) => b.set([9], 4)), 'RELAY_FORGED'],
    ['a kind that does not exist', forgeWithKey((b) => b.set([6], 3)), 'RELAY_MALFORMED'],
    ['a third network', forgeWithKey((b) => b.set([2], 5)), 'RELAY_MALFORMED'],
    ['board 0', forgeWithKey((b) => b.set([0], 6)), 'RELAY_MALFORMED'],
    ['board 65', forgeWithKey((b) => b.set([65], 7)), 'RELAY_MALFORMED'],
    ['no session', forgeWithKey((b) => b.fill(0, 12, 16)), 'RELAY_MALFORMED'],
    ['data for no life', forgeWithKey((b) => b.fill(0, 32, 36)), 'RELAY_MALFORMED'],
    ['data without a sequence', forgeWithKey((b) => b.fill(0, 40, 56)), 'RELAY_MALFORMED'],
    ['a floor above the sequence', forgeWithKey((b) => b.set([9], 55)), 'RELAY_MALFORMED'],
    ['a sequence of 2^63', forgeWithKey((b) => b.set([0x80], 40)), 'RELAY_MALFORMED'],
  ];
  for (const [what, bytes, code] of refusals) {
    it(`refuses ${what}: ${code}`, () => {
      const result = decodeRelayFrame(bytes, 4711, seal);
      expect(result.ok ? 'accepted' : result.code).to.equal(code);
    });
  }

  it('accepts nothing that was changed, cut or lengthened, and never throws (20,000 mutations)', () => {
    const good = encodeRelayFrame({ ...frame, payload: new Uint8Array(40).fill(7) }, seal);
    const change = fc.record({ at: fc.nat(good.length - 1), xor: fc.integer({ min: 1, max: 255 }) });
    const mutation = fc.oneof(
      fc.uniqueArray(change, { minLength: 1, maxLength: 6, selector: ({ at }) => at }).map((changes) => {
        const bytes = good.slice();
        for (const { at, xor } of changes) bytes[at] = (bytes[at] ?? 0) ^ xor;
        return bytes;
      }),
      fc.nat(good.length - 1).map((length) => good.slice(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 50 }).map((tail) => Uint8Array.of(...good, ...tail)),
      fc.uint8Array({ maxLength: 300 }).map((noise) => Uint8Array.of(...good.subarray(0, 12), ...noise)),
    );
    fc.assert(
      fc.property(mutation, (bytes) => {
        expect(decodeRelayFrame(bytes, 4711, seal).ok).to.equal(false);
      }),
      { numRuns: 20_000 },
    );
  }).timeout(60_000);
});
