import { fail, ok, type Result } from '@softset/base';

/** A probe: 4 bytes "SSP1", sequence (u32), send time (f64, monotonic ms), big-endian. The echo adds its board's name. */
export const probeBytes = 16;
const magic = 0x53_53_50_31;

/** Into `into`, which is used again for each probe. */
export function writeProbe(into: Uint8Array, sequence: number, sentMs: number): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint32(0, magic);
  view.setUint32(4, sequence);
  view.setFloat64(8, sentMs);
}

export interface Echo {
  readonly sequence: number;
  readonly sentMs: number;
  /** Empty when the echo did not say. */
  readonly board: string;
}

export function readEcho(bytes: Uint8Array): Result<Echo, 'PROBE_INVALID'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < probeBytes || view.getUint32(0) !== magic) {
    return fail('PROBE_INVALID', `${bytes.length} bytes that are no echo of a probe`);
  }
  const board = new TextDecoder().decode(bytes.subarray(probeBytes, probeBytes + 64));
  return ok({ sequence: view.getUint32(4), sentMs: view.getFloat64(8), board });
}
