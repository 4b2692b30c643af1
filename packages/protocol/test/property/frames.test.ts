import { unwrap } from '@softset/base';
import { encodeFrame, FrameDecoder, framePayloadBytesMax } from '@softset/protocol/frames.js';
import { expect } from 'chai';
import fc from 'fast-check';

/** Cuts `bytes` at the given places, in any order and with repeats: a stream arrives in any pieces. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

describe('frames', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 12 });

  it('come out as they went in, whatever the pieces', () => {
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
        const stream = Uint8Array.from(sent.flatMap((payload) => [...unwrap(encodeFrame(payload))]));
        const decoder = new FrameDecoder();
        const received = pieces(stream, cuts).flatMap((piece) => unwrap(decoder.push(piece)));
        expect(received.map((bytes) => [...bytes])).to.deep.equal(sent.map((bytes) => [...bytes]));
        expect(decoder.pendingBytes).to.equal(0);
      }),
    );
  });

  it('never throw on foreign bytes, hold at most one frame, and stay failed once failed', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
        const decoder = new FrameDecoder(16);
        let failed = false;
        for (const chunk of chunks) {
          const result = decoder.push(chunk);
          expect(failed && result.ok).to.equal(false);
          failed ||= !result.ok;
          expect(decoder.pendingBytes).to.be.below(4 + 16);
        }
      }),
    );
  });

  it('are refused empty and above 64 KiB, on both sides', () => {
    expect(encodeFrame(new Uint8Array(0))).to.include({ ok: false, code: 'FRAME_EMPTY' });
    expect(encodeFrame(new Uint8Array(framePayloadBytesMax)).ok).to.equal(true);
    expect(encodeFrame(new Uint8Array(framePayloadBytesMax + 1))).to.include({ ok: false, code: 'FRAME_TOO_LARGE' });
    expect(new FrameDecoder().push(Uint8Array.of(0, 1, 0, 1))).to.include({ ok: false, code: 'FRAME_TOO_LARGE' });
    expect(new FrameDecoder().push(Uint8Array.of(0, 0, 0, 0))).to.include({ ok: false, code: 'FRAME_EMPTY' });
  });

  it('begin with their length, big-endian', () => {
    expect([...unwrap(encodeFrame(Uint8Array.of(9, 8)))]).to.deep.equal([0, 0, 0, 2, 9, 8]);
  });
});
