import { fail, formatMac, type Mac, ok, parseMac, type Result } from '@softset/base';
import type { BoardId, Network } from './cluster.js';
import type { Grant, Stamp } from './grant.js';
import { KeptWords } from './kept-words.js';

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
 * 100 let go of, newest first, three at most: 1 + bit of the service u8 or zero, grant's term u32, its number u32
 * 127 reserved u8
 * 128 echoes: board u8, boot u64, incarnation u32, sequence u32
 *  +0 HMAC-SHA-256 over all before it, first 16 bytes
 * ```
 */
export const BEAT_MAGIC = 0x53b7;
export const BEAT_VERSION = 1;
export const MAC_BYTES = 16;
const HEAD_BYTES = 128;
const ECHO_BYTES = 17;
const GONE_AT = 100;
const GONE_BYTES = 9;
export const GONE_MAX = 3;
export const BEAT_MAX_BYTES = HEAD_BYTES + 64 * ECHO_BYTES + MAC_BYTES;

/** Daemons whose health a beat carries: set while each checked in within the last second. */
export const DAEMONS = ['netrackd', 'redirectd', 'psrmd'] as const;
export type DaemonName = (typeof DAEMONS)[number];

/** A service that a board let go of, by its bit: nothing up to this grant stands there, or ever will (M2). */
export interface Gone {
  readonly bit: number;
  readonly grant: Grant;
}

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
  /** What it let go of for an heir, newest first (M8). */
  readonly gone: readonly Gone[];
  /** Director only: newest beat heard of each board it vouches for (L1). */
  readonly echoes: readonly Echo[];
}

/** Makes message authentication codes, valid until the next one; the keys stay outside. `undefined` for an unknown key. */
export interface Sealer {
  readonly keyId: number;
  mac(keyId: number, bytes: Uint8Array): Uint8Array | undefined;
  /** What another board sealed with this key was right. */
  believed?(keyId: number): void;
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

/** Bytes that `encodeBeat` makes of it. */
export function beatBytes(beat: Pick<Beat, 'echoes'>): number {
  return HEAD_BYTES + beat.echoes.length * ECHO_BYTES + MAC_BYTES;
}

/** Writes it to `into`, which has `BEAT_MAX_BYTES`, or to bytes of its own. Returns the part that is the beat. */
export function encodeBeat(beat: Beat, sealer: Sealer, into = new Uint8Array(beatBytes(beat))): Uint8Array {
  const bytes = into.subarray(0, beatBytes(beat));
  const view = viewOf(into.buffer);
  const at = into.byteOffset;
  const flags =
    (beat.amnesiac ? FLAGS.amnesiac : 0) |
    (beat.elected ? FLAGS.elected : 0) |
    (beat.carrier.A ? FLAGS.carrierA : 0) |
    (beat.carrier.B ? FLAGS.carrierB : 0) |
    (beat.leaving ? FLAGS.leaving : 0);
  view.setUint16(at, BEAT_MAGIC);
  view.setUint8(at + 2, BEAT_VERSION);
  view.setUint8(at + 3, flags);
  view.setUint8(at + 4, sealer.keyId);
  view.setUint8(at + 5, beat.network === 'A' ? 0 : 1);
  view.setUint8(at + 6, beat.board);
  view.setUint8(at + 7, beat.health);
  view.setUint32(at + 8, beat.cluster);
  view.setUint32(at + 12, beat.config);
  putStamp(view, at + 16, beat);
  view.setUint32(at + 32, Math.round(beat.intervalMs * 1000));
  view.setUint32(at + 36, beat.term);
  view.setUint8(at + 40, beat.director);
  view.setUint8(at + 41, beat.deputy);
  view.setUint8(
    at + 42,
    DAEMONS.reduce((map, name, i) => map | (beat.daemons.includes(name) ? 1 << i : 0), 0),
  );
  view.setUint8(at + 43, beat.echoes.length);
  view.setBigUint64(at + 44, beat.leases);
  view.setBigUint64(at + 52, beat.hears.A);
  view.setBigUint64(at + 60, beat.hears.B);
  view.setBigUint64(at + 68, beat.kernels);
  bytes.set(macBytes(beat.mac), 76);
  bytes.fill(0, 82, HEAD_BYTES);
  if (beat.echo) putStamp(view, at + 84, beat.echo);
  let gone = at + GONE_AT;
  for (const { bit, grant } of beat.gone.slice(0, GONE_MAX)) {
    view.setUint8(gone, 1 + bit);
    view.setUint32(gone + 1, grant.term);
    view.setUint32(gone + 5, grant.n);
    gone += GONE_BYTES;
  }
  let end = HEAD_BYTES;
  for (const echo of beat.echoes) {
    view.setUint8(at + end, echo.board);
    putStamp(view, at + end + 1, echo);
    end += ECHO_BYTES;
  }
  const code = sealer.mac(sealer.keyId, bytes.subarray(0, end));
  if (code === undefined) throw new Error(`no key ${sealer.keyId} to seal with`);
  for (let i = 0; i < MAC_BYTES; i++) bytes[end + i] = code[i] ?? 0;
  return bytes;
}

/**
 * Reads untrusted bytes; never throws. Cheap checks come first, and nothing is believed before the HMAC is right:
 * the messages name only what is safe to name. `cluster` is this cluster's own number.
 */
export function decodeBeat(bytes: Uint8Array, cluster: number, sealer: Sealer): Result<Beat, BeatError> {
  if (bytes.length < HEAD_BYTES + MAC_BYTES) return fail('BEAT_SHORT', `${bytes.length} bytes are no beat`);
  // Offsets instead of a reader: a pulse does this a thousand times a second, and every µs counts sixty-four times.
  const view = viewOf(bytes.buffer);
  const at = bytes.byteOffset;
  if (view.getUint16(at) !== BEAT_MAGIC) return fail('BEAT_MAGIC', 'not a beat');
  const version = view.getUint8(at + 2);
  if (version !== BEAT_VERSION) return fail('BEAT_VERSION', `beat version ${version}, this is ${BEAT_VERSION}`);
  const from = view.getUint32(at + 8);
  if (from !== cluster) return fail('BEAT_FOREIGN_CLUSTER', `beat of cluster ${from}, this is ${cluster}`);
  const board = view.getUint8(at + 6);
  const key = view.getUint8(at + 4);
  const end = bytes.length - MAC_BYTES;
  const code = sealer.mac(key, bytes.subarray(0, end));
  if (code === undefined) return fail('BEAT_UNKNOWN_KEY', `beat sealed with key ${key}, which is not held here`);
  if (!sameMac(code, bytes, end)) return fail('BEAT_FORGED', `beat that says it is from board ${board}: wrong HMAC`);
  sealer.believed?.(key);
  const network = view.getUint8(at + 5);
  const count = view.getUint8(at + 43);
  if (end - HEAD_BYTES !== count * ECHO_BYTES || network > 1 || board < 1 || board > 64 || count > 64) {
    return fail('BEAT_MALFORMED', `beat of board ${board}: fields do not fit together`);
  }
  const echoes: Echo[] = [];
  for (let echo = at + HEAD_BYTES; echo < at + end; echo += ECHO_BYTES) {
    const echoed = view.getUint8(echo);
    echoes.push({
      board: echoed,
      boot: textOf(boots, echoed, view, echo + 1),
      incarnation: view.getUint32(echo + 9),
      sequence: view.getUint32(echo + 13),
    });
  }
  const flags = view.getUint8(at + 3);
  const director = view.getUint8(at + 40);
  const echoed = view.getUint32(at + 92);
  const maps = 4 * board;
  return ok({
    boot: textOf(boots, board, view, at + 16),
    incarnation: view.getUint32(at + 24),
    sequence: view.getUint32(at + 28),
    board,
    network: network === 0 ? 'A' : 'B',
    cluster: from,
    config: view.getUint32(at + 12),
    health: view.getUint8(at + 7),
    intervalMs: view.getUint32(at + 32) / 1000,
    term: view.getUint32(at + 36),
    director,
    deputy: view.getUint8(at + 41),
    elected: (flags & FLAGS.elected) !== 0,
    amnesiac: (flags & FLAGS.amnesiac) !== 0,
    leaving: (flags & FLAGS.leaving) !== 0,
    carrier: CARRIERS[(flags & (FLAGS.carrierA | FLAGS.carrierB)) / FLAGS.carrierA] ?? CARRIERS[0],
    daemons: DAEMON_SETS[view.getUint8(at + 42) & (DAEMON_SETS.length - 1)] ?? [],
    leases: bitmaps.at(maps, view.getUint32(at + 44), view.getUint32(at + 48)),
    hears: {
      A: bitmaps.at(maps + 1, view.getUint32(at + 52), view.getUint32(at + 56)),
      B: bitmaps.at(maps + 2, view.getUint32(at + 60), view.getUint32(at + 64)),
    },
    kernels: bitmaps.at(maps + 3, view.getUint32(at + 68), view.getUint32(at + 72)),
    mac: macs.at(2 * board + network, view.getUint16(at + 76), view.getUint32(at + 78)),
    echo:
      echoed === 0
        ? undefined
        : { boot: textOf(boots, director, view, at + 84), incarnation: echoed, sequence: view.getUint32(at + 96) },
    gone: view.getUint8(at + GONE_AT) === 0 ? NOTHING_GONE : goneOf(view, at + GONE_AT),
    echoes,
  });
}

const NOTHING_GONE: readonly Gone[] = [];

function goneOf(view: DataView, at: number): Gone[] {
  const gone: Gone[] = [];
  for (let entry = at; entry < at + GONE_MAX * GONE_BYTES; entry += GONE_BYTES) {
    const bit = view.getUint8(entry) - 1;
    if (bit >= 0) gone.push({ bit, grant: { term: view.getUint32(entry + 1), n: view.getUint32(entry + 5) } });
  }
  return gone;
}

/** What tells one beat from another, before anything of it is believed. */
export interface BeatName {
  readonly board: number;
  readonly bootHigh: number;
  readonly bootLow: number;
  readonly incarnation: number;
  readonly sequence: number;
}

/** Undefined for what is too short to be a beat. */
export function nameOfBeat(bytes: Uint8Array): BeatName | undefined {
  if (bytes.length < HEAD_BYTES + MAC_BYTES) return undefined;
  const view = viewOf(bytes.buffer);
  const at = bytes.byteOffset;
  return {
    board: view.getUint8(at + 6),
    bootHigh: view.getUint32(at + 16),
    bootLow: view.getUint32(at + 20),
    incarnation: view.getUint32(at + 24),
    sequence: view.getUint32(at + 28),
  };
}

const CARRIERS = [
  { A: false, B: false },
  { A: true, B: false },
  { A: false, B: true },
  { A: true, B: true },
] as const;

/** Every combination of daemons, by its bits. */
const DAEMON_SETS: readonly (readonly DaemonName[])[] = Array.from({ length: 1 << DAEMONS.length }, (_, set) =>
  DAEMONS.filter((_name, i) => (set & (1 << i)) !== 0),
);

function sameMac(code: Uint8Array, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < MAC_BYTES; i++) difference |= (code[i] ?? 0) ^ (bytes[at + i] ?? 0);
  return difference === 0;
}

/** Any number that a byte can hold may stand where a board's belongs: the sender has a key, but is not trusted with it. */
const BOARDS = 256;
const boots = new KeptWords(BOARDS, (high, low) => hex32(high) + hex32(low));
const macs = new KeptWords(2 * BOARDS, (high, low) => hex48(high, low));
const bitmaps = new KeptWords(4 * BOARDS, (high, low) => (BigInt(high) << 32n) | BigInt(low));

function textOf(kept: KeptWords<string>, place: number, view: DataView, at: number): string {
  return kept.at(place, view.getUint32(at), view.getUint32(at + 4));
}

/** Datagrams are read into the same memory again and again: its view is made once. */
let lastView: DataView = new DataView(new ArrayBuffer(0));
function viewOf(buffer: ArrayBufferLike): DataView {
  if (lastView.buffer !== buffer) lastView = new DataView(buffer);
  return lastView;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function hex48(high: number, low: number): Mac {
  return formatMac(new Uint8Array([high >> 8, high, low >>> 24, low >>> 16, low >>> 8, low]));
}

/** 64 bits as 16 hexadecimal digits. */
export function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function putStamp(view: DataView, at: number, stamp: Stamp): void {
  const [high, low] = bootWords(stamp.boot);
  view.setUint32(at, high);
  view.setUint32(at + 4, low);
  view.setUint32(at + 8, stamp.incarnation);
  view.setUint32(at + 12, stamp.sequence);
}

/** The other way round: a text's bytes, for the few that a board has in use. */
const TEXTS_MAX = 256;
const wordsOfBoots = new Map<string, readonly [number, number]>();
const bytesOfMacs = new Map<Mac, Uint8Array>();

function bootWords(boot: string): readonly [number, number] {
  const known = wordsOfBoots.get(boot);
  if (known) return known;
  if (wordsOfBoots.size >= TEXTS_MAX) wordsOfBoots.clear();
  const words = [Number.parseInt(boot.slice(0, 8), 16), Number.parseInt(boot.slice(8, 16), 16)] as const;
  wordsOfBoots.set(boot, words);
  return words;
}

function macBytes(mac: Mac): Uint8Array {
  const known = bytesOfMacs.get(mac);
  if (known) return known;
  if (bytesOfMacs.size >= TEXTS_MAX) bytesOfMacs.clear();
  const parsed = parseMac(mac);
  const bytes = parsed.ok ? parsed.value : new Uint8Array(6);
  bytesOfMacs.set(mac, bytes);
  return bytes;
}

/** In constant time, so that an answer's delay tells nothing about how much was right. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
