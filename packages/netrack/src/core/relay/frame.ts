import { ByteReader, ByteWriter, fail, ok, type Result } from '@softset/base';
import { hex64, MAC_BYTES, type Sealer, sameBytes } from '@softset/protocol/beat.js';
import type { BoardId, Network } from '@softset/protocol/cluster.js';

/**
 * A relay frame: what netrackd says to netrackd, one UDP datagram for each network.
 *
 * Big-endian, 56 bytes, then the payload and the HMAC:
 * ```
 *   0 magic u16   2 version u8   3 kind u8     4 key u8     5 network u8   6 from u8   7 to u8
 *   8 cluster u32              12 session of the sender u32
 *  16 boot of the sender u64   24 boot of the receiver u64
 *  32 session of the receiver u32              36 attempt u8   37 reserved 3 bytes
 *  40 sequence u64             48 floor u64
 *  56 payload                  +0 HMAC-SHA-256 over all before it, first 16 bytes
 * ```
 * Sequences have 64 bits, so that no stream between two lives ever wraps.
 */
export const RELAY_MAGIC = 0x53b8;
export const RELAY_VERSION = 1;
/** Room for a register of 64 services in one datagram, below the 65,507 bytes of UDP over IPv4. */
export const RELAY_PAYLOAD_MAX = 60_000;
const HEAD_BYTES = 56;

/** One run of one board's netrackd: which kernel boot (16 hex digits), and which start of the daemon in it, from 1. */
export interface Life {
  readonly boot: string;
  readonly session: number;
}

/**
 * hello: who are you? welcome: this is my life. data: ordered and acknowledged. ack: `sequence` has arrived.
 * nack: `sequence` came too late to keep the order, and never will be delivered. datagram: no order, no acknowledgement.
 */
export const RELAY_KINDS = ['hello', 'welcome', 'data', 'ack', 'nack', 'datagram'] as const;
export type RelayKind = (typeof RELAY_KINDS)[number];

export interface RelayFrame {
  readonly kind: RelayKind;
  readonly network: Network;
  readonly cluster: number;
  readonly from: BoardId;
  readonly to: BoardId;
  readonly life: Life;
  /** The life of the receiver that is meant; absent in a hello alone. */
  readonly toLife?: Life;
  /** Which transmission of the sequence this is: 1 to 255, and then from 1 again; an answer repeats it. */
  readonly attempt: number;
  readonly sequence: number;
  /** Lowest sequence that the sender still wants acknowledged: nobody need wait for those below it. */
  readonly floor: number;
  readonly payload: Uint8Array;
}

export type RelayFrameError =
  | 'RELAY_SHORT'
  | 'RELAY_MAGIC'
  | 'RELAY_VERSION'
  | 'RELAY_FOREIGN_CLUSTER'
  | 'RELAY_UNKNOWN_KEY'
  | 'RELAY_FORGED'
  | 'RELAY_MALFORMED';

/** The payload must have at most `RELAY_PAYLOAD_MAX` bytes; more, or a missing key, is a programmer's error (throws). */
export function encodeRelayFrame(frame: RelayFrame, sealer: Sealer): Uint8Array {
  if (frame.payload.length > RELAY_PAYLOAD_MAX) throw new RangeError(`${frame.payload.length} bytes of payload`);
  const bytes = new Uint8Array(HEAD_BYTES + frame.payload.length + MAC_BYTES);
  const w = new ByteWriter(bytes);
  const toLife = frame.toLife ?? { boot: '0', session: 0 };
  w.u16(RELAY_MAGIC).u8(RELAY_VERSION).u8(RELAY_KINDS.indexOf(frame.kind)).u8(sealer.keyId);
  w.u8(frame.network === 'A' ? 0 : 1)
    .u8(frame.from)
    .u8(frame.to);
  w.u32(frame.cluster)
    .u32(frame.life.session)
    .u64(BigInt(`0x${frame.life.boot}`));
  w.u64(BigInt(`0x${toLife.boot}`)).u32(toLife.session);
  w.u8(frame.attempt).u8(0).u16(0).u64(BigInt(frame.sequence)).u64(BigInt(frame.floor));
  w.bytes(frame.payload);
  const code = sealer.mac(sealer.keyId, w.done());
  if (code === undefined) throw new Error(`no key ${sealer.keyId} to seal with`);
  w.bytes(code.subarray(0, MAC_BYTES));
  return bytes;
}

/** Reads untrusted bytes; never throws, and believes nothing before the HMAC is right. */
export function decodeRelayFrame(
  bytes: Uint8Array,
  cluster: number,
  sealer: Sealer,
): Result<RelayFrame, RelayFrameError> {
  if (bytes.length < HEAD_BYTES + MAC_BYTES) return fail('RELAY_SHORT', `${bytes.length} bytes are no relay frame`);
  const r = new ByteReader(bytes);
  if (r.u16() !== RELAY_MAGIC) return fail('RELAY_MAGIC', 'not a relay frame');
  const version = r.u8();
  if (version !== RELAY_VERSION) {
    return fail('RELAY_VERSION', `relay frame of version ${version}, this is ${RELAY_VERSION}`);
  }
  const kind = RELAY_KINDS[r.u8()];
  const key = r.u8();
  const network = r.u8();
  const from = r.u8();
  const to = r.u8();
  const theirs = r.u32();
  if (theirs !== cluster) return fail('RELAY_FOREIGN_CLUSTER', `frame of cluster ${theirs}, this is ${cluster}`);
  const end = bytes.length - MAC_BYTES;
  const code = sealer.mac(key, bytes.subarray(0, end));
  if (code === undefined) return fail('RELAY_UNKNOWN_KEY', `frame sealed with key ${key}, which is not held here`);
  if (!sameBytes(code.subarray(0, MAC_BYTES), bytes.subarray(end))) {
    return fail('RELAY_FORGED', `frame that says it is from board ${from}: wrong HMAC`);
  }
  sealer.believed?.(key);
  const session = r.u32();
  const life = { boot: hex64(r.u64()), session };
  const toBoot = hex64(r.u64());
  const toSession = r.u32();
  const attempt = r.u8();
  r.bytes(3);
  const sequence = Number(r.u64());
  const floor = Number(r.u64());
  const payload = bytes.slice(HEAD_BYTES, end);
  const numbered = kind === 'data' || kind === 'ack' || kind === 'nack' || kind === 'datagram';
  const fits =
    network <= 1 &&
    [from, to].every((board) => board >= 1 && board <= 64) &&
    session > 0 &&
    toSession > 0 === (kind !== 'hello') &&
    Number.isSafeInteger(sequence) &&
    Number.isSafeInteger(floor) &&
    sequence > 0 === numbered &&
    floor <= sequence &&
    payload.length <= RELAY_PAYLOAD_MAX;
  if (kind === undefined || !fits) {
    return fail('RELAY_MALFORMED', `relay frame of board ${from}: fields do not fit together`);
  }
  return ok({
    kind,
    network: network === 0 ? 'A' : 'B',
    cluster,
    from,
    to,
    life,
    ...(toSession === 0 ? {} : { toLife: { boot: toBoot, session: toSession } }),
    attempt,
    sequence,
    floor,
    payload,
  });
}
