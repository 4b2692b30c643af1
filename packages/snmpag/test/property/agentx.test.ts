import { type Random, seededRandom } from '@softset/base';
import { decodeHead, decodePdu } from '@softset/snmpag/core/agentx/decode.js';
import { encodePdu } from '@softset/snmpag/core/agentx/encode.js';
import { AgentxFramer } from '@softset/snmpag/core/agentx/framer.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { pdu } from '../pdus.js';

/** `SOFTSET_FUZZ=1000000 npm run check` plays a million; each is some microseconds. */
const mutations = Number(process.env.SOFTSET_FUZZ ?? 20_000);

describe('AgentX PDUs (RFC 2741 §6)', function () {
  this.timeout(600_000);

  it('every PDU comes back as it was, in both byte orders', () => {
    fc.assert(
      fc.property(pdu, (sent) => {
        expect(decodePdu(encodePdu(sent))).to.deep.equal({ ok: true, value: sent });
      }),
      { numRuns: 500 },
    );
  });

  it('an answer of any size comes back as it was: the buffer grows at whatever field', () => {
    const head = { session: 1, transaction: 2, packet: 3, order: 'big' as const };
    for (let count = 0; count < 300; count++) {
      const varbinds = Array.from({ length: count }, (_, i) => ({
        name: [1, 3, 6, 1, 4, 1, ...Array.from({ length: i % 7 }, () => i)],
        value:
          i % 3 === 0 ? ({ type: 'counter64', value: BigInt(i) } as const) : ({ type: 'integer', value: i } as const),
      }));
      const sent = { ...head, kind: 'response', upTimeCs: 0, error: 0, index: 0, varbinds } as const;
      expect(decodePdu(encodePdu(sent))).to.deep.equal({ ok: true, value: sent });
    }
  });

  it('a stream cut anywhere gives the same PDUs, in order', () => {
    fc.assert(
      fc.property(fc.array(pdu, { maxLength: 5 }), fc.integer(), (sent, seed) => {
        const frames = sent.map(encodePdu);
        const stream = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
        let end = 0;
        for (const frame of frames) {
          stream.set(frame, end);
          end += frame.length;
        }
        const random = seededRandom(seed);
        const framer = new AgentxFramer();
        const got: Uint8Array[] = [];
        for (let at = 0; at < stream.length; ) {
          const to = at + random.integer(0, random.chance(0.5) ? 8 : 400);
          const cut = framer.push(stream.slice(at, to));
          if (!cut.ok) throw new Error(cut.message);
          got.push(...cut.value);
          at = to;
        }
        expect(got).to.deep.equal(frames);
        expect(framer.pendingBytes).to.equal(0);
      }),
      { numRuns: 200 },
    );
  });

  it(`${mutations} mutated PDUs: none throws, and what is taken is taken whole`, () => {
    const seeds = fc.sample(pdu, { numRuns: 300, seed: 6 }).map(encodePdu);
    const random = seededRandom(2741);
    let taken = 0;
    for (let run = 0; run < mutations; run++) {
      const bytes = mutated(random.pick(seeds), random);
      const read = decodePdu(bytes);
      if (!read.ok) {
        expect(read.code).to.match(/^AGENTX_/);
        continue;
      }
      taken++;
      // What it was taken for says the same again, but for padding, reserved bytes and the long form of an OID.
      const again = decodePdu(encodePdu(read.value));
      if (!again.ok) throw new Error(`run ${run}: ${again.message}`);
      if (run % 50 === 0) expect(again.value).to.deep.equal(read.value);
      else if (JSON.stringify(again.value, plain) !== JSON.stringify(read.value, plain)) throw new Error(`run ${run}`);
    }
    expect(taken).to.be.greaterThan(mutations / 100);
    expect(taken).to.be.lessThan(mutations);
  });

  it('a mutated stream never makes the framer wait for more than a PDU may hold', () => {
    const random = seededRandom(7);
    const seeds = fc.sample(pdu, { numRuns: 50, seed: 8 }).map(encodePdu);
    for (let run = 0; run < 200; run++) {
      const framer = new AgentxFramer();
      for (let part = 0; part < 20; part++) {
        const cut = framer.push(mutated(random.pick(seeds), random));
        if (!cut.ok) {
          expect(framer.push(random.pick(seeds))).to.deep.equal(cut);
          break;
        }
        for (const frame of cut.value) {
          const head = decodeHead(frame);
          expect(head.ok && head.value.payloadBytes + 20).to.equal(frame.length);
        }
      }
      expect(framer.pendingBytes).to.be.lessThan(20 + (1 << 20));
    }
  });
});

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);

/** One to four blows: a bit, a byte, a length, something cut off or put in. */
function mutated(frame: Uint8Array, random: Random): Uint8Array {
  let bytes = frame.slice();
  for (let blows = random.integer(1, 4); blows > 0; blows--) {
    const at = random.integer(0, Math.max(bytes.length - 1, 0));
    const byte = bytes[at] ?? 0;
    switch (random.integer(0, 5)) {
      case 0:
        bytes[at] = byte ^ (1 << random.integer(0, 7));
        break;
      case 1:
        bytes[at] = random.integer(0, 255);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = Uint8Array.of(
          ...bytes.slice(0, at),
          ...Array.from({ length: 4 }, () => random.integer(0, 255)),
          ...bytes.slice(at),
        );
        break;
      default:
        // The payload's length made right again, so that the blow reaches what lies behind the header.
        if (bytes.length >= 20) {
          const little = ((bytes[2] ?? 0) & 16) === 0;
          new DataView(bytes.buffer).setUint32(16, bytes.length - 20, little);
        }
    }
  }
  return bytes;
}
