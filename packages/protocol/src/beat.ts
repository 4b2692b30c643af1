import { ByteWriter, fail, formatMac, type Mac, ok, parseMac, type Result } from '@softset/base';
import type { BoardId, Network } from './cluster.js';
import type { Stamp } from './grant.js';

/**
 * A beat: one small authenticated datagram for each network and interval (002 ¶0024, ¶0027).
 *
 * Big-endian, 128 bytes and 17 for each echo, then the HMAC:
 * ```
 *   0 magic u16   2 version u8   3 flags u8    4 key u8     5 network u8   6 board u8    7 health u8
 *   8 cluster u32              12 config hash u32          16 boot u64
 *  24 incarnation u32          28 sequence u32             32 interval u32 (µs)
 *  36 term u32                 40 director u8  41 deputy u8  42 daemons u8  43 echoes u8
 *  44 leases u64               52 hears A u64              60 hears B u64  68 kernels u64
 *  76 MAC 6 bytes              82 reserved u16
 *  84 my echo of the director: boot u64, incarnation u32, sequence u32
 * 100 reserved 28 bytes of zero
 * 128 echoes: board u8, boot u64, incarnation u32, sequence u32
 *  +0 HMAC-SHA-256 over all before it, first 16 bytes
 * ```
 */
export const BEAT_MAGIC = 0x53b7;
export const BEAT_VERSION = 1;
export const MAC_BYTES = 16;
const HEAD_BYTES = 128;
const ECHO_BYTES = 17;
export const BEAT_MAX_BYTES = HEAD_BYTES + 64 * ECHO_BYTES + MAC_BYTES;

/** Daemons whose health a beat carries: set while each checked in within the last second. */
export const DAEMONS = ['netrackd', 'redirectd', 'psrmd'] as const;
export type DaemonName = (typeof DAEMONS)[number];

export interface Echo extends Stamp {
  readonly board: BoardId;
}

export interface Beat extends Stamp {
  readonly board: BoardId;
  readonly network: Network;
  readonly cluster: number;
  readonly config: number;
  /** 0 well; 1 to 7: this board's own loop was late, and how often of late. */
  readonly health: number;
  readonly intervalMs: number;
  /** Adopted term and the director followed in it; 0 for none. */
  readonly term: number;
  readonly director: BoardId | 0;
  readonly deputy: BoardId | 0;
  /** This board is the elected director of `term`. */
  readonly elected: boolean;
  /** It has lost its memory of votes (T4). */
  readonly amnesiac: boolean;
  /** It is going down on purpose (002 ¶0025). */
  readonly leaving: boolean;
  readonly carrier: Readonly<Record<Network, boolean>>;
  readonly daemons: readonly DaemonName[];
  /** Bit `index` of each service whose element stands. */
  readonly leases: bigint;
  /** Boards heard on each network. */
  readonly hears: Readonly<Record<Network, bigint>>;
  /** Boards that are silent but whose kernel answers. */
  readonly kernels: bigint;
  /** MAC of the interface it leaves by: the only one whose ARP answers count. */
  readonly mac: Mac;
  /** Newest beat of the director that was heard (L2). */
  readonly echo: Stamp | undefined;
  /** Director only: newest beat heard of each board it vouches for (L1). */
  readonly echoes: readonly Echo[];
}

/** Makes and checks message authentication codes; the keys stay outside. `undefined` for an unknown key. */
export interface Sealer {
  readonly keyId: number;
  mac(keyId: number, bytes: Uint8Array): Uint8Array | undefined;
}

export type BeatError =
  | 'BEAT_SHORT'
  | 'BEAT_MAGIC'
  | 'BEAT_VERSION'
  | 'BEAT_FOREIGN_CLUSTER'
  | 'BEAT_UNKNOWN_KEY'
  | 'BEAT_FORGED'
  | 'BEAT_MALFORMED';

const FLAGS = { amnesiac: 1, elected: 2, carrierA: 4, carrierB: 8, leaving: 16 } as const;

export function encodeBeat(beat: Beat, sealer: Sealer): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + beat.echoes.length * ECHO_BYTES + MAC_BYTES);
  const w = new ByteWriter(bytes);
  const flags =
    (beat.amnesiac ? FLAGS.amnesiac : 0) |
    (beat.elected ? FLAGS.elected : 0) |
    (beat.carrier.A ? FLAGS.carrierA : 0) |
    (beat.carrier.B ? FLAGS.carrierB : 0) |
    (beat.leaving ? FLAGS.leaving : 0);
  w.u16(BEAT_MAGIC).u8(BEAT_VERSION).u8(flags).u8(sealer.keyId);
  w.u8(beat.network === 'A' ? 0 : 1)
    .u8(beat.board)
    .u8(beat.health);
  w.u32(beat.cluster).u32(beat.config);
  writeStamp(w, beat);
  w.u32(Math.round(beat.intervalMs * 1000))
    .u32(beat.term)
    .u8(beat.director)
    .u8(beat.deputy);
  w.u8(DAEMONS.reduce((map, name, i) => map | (beat.daemons.includes(name) ? 1 << i : 0), 0)).u8(beat.echoes.length);
  w.u64(beat.leases).u64(beat.hears.A).u64(beat.hears.B).u64(beat.kernels);
  const mac = parseMac(beat.mac);
  w.bytes(mac.ok ? mac.value : new Uint8Array(6)).u16(0);
  writeStamp(w, beat.echo ?? { boot: '0000000000000000', incarnation: 0, sequence: 0 });
  w.bytes(new Uint8Array(HEAD_BYTES - w.offset));
  for (const echo of beat.echoes) {
    w.u8(echo.board);
    writeStamp(w, echo);
  }
  const code = sealer.mac(sealer.keyId, w.done());
  if (code === undefined) throw new Error(`no key ${sealer.keyId} to seal with`);
  w.bytes(code.subarray(0, MAC_BYTES));
  return bytes;
}

/**
 * Reads untrusted bytes; never throws. Cheap checks come first, and nothing is believed before the HMAC is right:
 * the messages name only what is safe to name. `cluster` is this cluster's own number.
 */
export function decodeBeat(bytes: Uint8Array, cluster: number, sealer: Sealer): Result<Beat, BeatError> {
  if (bytes.length < HEAD_BYTES + MAC_BYTES) return fail('BEAT_SHORT', `${bytes.length} bytes are no beat`);
  // Offsets instead of a reader: a pulse does this a thousand times a second, and every µs counts sixty-four times.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0) !== BEAT_MAGIC) return fail('BEAT_MAGIC', 'not a beat');
  const version = view.getUint8(2);
  if (version !== BEAT_VERSION) return fail('BEAT_VERSION', `beat version ${version}, this is ${BEAT_VERSION}`);
  const from = view.getUint32(8);
  if (from !== cluster) return fail('BEAT_FOREIGN_CLUSTER', `beat of cluster ${from}, this is ${cluster}`);
  const board = view.getUint8(6);
  const key = view.getUint8(4);
  const end = bytes.length - MAC_BYTES;
  const code = sealer.mac(key, bytes.subarray(0, end));
  if (code === undefined) return fail('BEAT_UNKNOWN_KEY', `beat sealed with key ${key}, which is not held here`);
  if (!sameMac(code, bytes, end)) return fail('BEAT_FORGED', `beat that says it is from board ${board}: wrong HMAC`);
  const network = view.getUint8(5);
  const count = view.getUint8(43);
  if (end - HEAD_BYTES !== count * ECHO_BYTES || network > 1 || board < 1 || board > 64 || count > 64) {
    return fail('BEAT_MALFORMED', `beat of board ${board}: fields do not fit together`);
  }
  const echoes: Echo[] = [];
  for (let at = HEAD_BYTES; at < end; at += ECHO_BYTES) {
    echoes.push({
      board: view.getUint8(at),
      boot: bootAt(view, at + 1),
      incarnation: view.getUint32(at + 9),
      sequence: view.getUint32(at + 13),
    });
  }
  const flags = view.getUint8(3);
  const echoed = view.getUint32(92);
  return ok({
    boot: bootAt(view, 16),
    incarnation: view.getUint32(24),
    sequence: view.getUint32(28),
    board,
    network: network === 0 ? 'A' : 'B',
    cluster: from,
    config: view.getUint32(12),
    health: view.getUint8(7),
    intervalMs: view.getUint32(32) / 1000,
    term: view.getUint32(36),
    director: view.getUint8(40),
    deputy: view.getUint8(41),
    elected: (flags & FLAGS.elected) !== 0,
    amnesiac: (flags & FLAGS.amnesiac) !== 0,
    leaving: (flags & FLAGS.leaving) !== 0,
    carrier: { A: (flags & FLAGS.carrierA) !== 0, B: (flags & FLAGS.carrierB) !== 0 },
    daemons: DAEMON_SETS[view.getUint8(42) & (DAEMON_SETS.length - 1)] ?? [],
    leases: view.getBigUint64(44),
    hears: { A: view.getBigUint64(52), B: view.getBigUint64(60) },
    kernels: view.getBigUint64(68),
    mac: macAt(view, 76),
    echo: echoed === 0 ? undefined : { boot: bootAt(view, 84), incarnation: echoed, sequence: view.getUint32(96) },
    echoes,
  });
}

/** Every combination of daemons, by its bits. */
const DAEMON_SETS: readonly (readonly DaemonName[])[] = Array.from({ length: 1 << DAEMONS.length }, (_, set) =>
  DAEMONS.filter((_name, i) => (set & (1 << i)) !== 0),
);

function sameMac(code: Uint8Array, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < MAC_BYTES; i++) difference |= (code[i] ?? 0) ^ (bytes[at + i] ?? 0);
  return difference === 0;
}

/** Boots and MACs repeat in every beat: their texts are kept, for making one costs more than the rest of a beat. */
interface Kept {
  readonly low: number;
  readonly text: string;
}
const KEPT_MAX = 256;
const boots = new Map<number, Kept>();
const macs = new Map<number, Kept>();

function bootAt(view: DataView, at: number): string {
  const high = view.getUint32(at);
  const low = view.getUint32(at + 4);
  const known = boots.get(high);
  if (known?.low === low) return known.text;
  return keep(boots, high, low, hex32(high) + hex32(low));
}

function macAt(view: DataView, at: number): Mac {
  const high = view.getUint16(at);
  const low = view.getUint32(at + 2);
  // The low part tells cards apart; the high one is mostly the same.
  const known = macs.get(low);
  if (known?.low === high) return known.text;
  return keep(macs, low, high, formatMac(new Uint8Array(view.buffer, view.byteOffset + at, 6)));
}

function keep(map: Map<number, Kept>, key: number, low: number, text: string): string {
  if (map.size >= KEPT_MAX) map.clear();
  map.set(key, { low, text });
  return text;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** 64 bits as 16 hexadecimal digits. */
export function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function writeStamp(w: ByteWriter, stamp: Stamp): void {
  writeBoot(w, stamp.boot);
  w.u32(stamp.incarnation).u32(stamp.sequence);
}

function writeBoot(w: ByteWriter, boot: string): void {
  w.u32(Number.parseInt(boot.slice(0, 8), 16)).u32(Number.parseInt(boot.slice(8, 16), 16));
}

/** In constant time, so that an answer's delay tells nothing about how much was right. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
