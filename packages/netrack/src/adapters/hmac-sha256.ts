import { createHmac } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Longer messages are left to OpenSSL, which is quicker once a call into it is worth its price. */
const OWN_BYTES_MAX = 1024;

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of short messages by one key. A pulse checks a thousand beats a second in short
 * wakes, and each call into OpenSSL makes objects for the garbage collector and runs through code that is cold by the
 * next wake; this makes none, and the key's own two blocks are hashed once.
 */
export class HmacSha256 {
  readonly #key: Uint8Array;
  readonly #inner = new Int32Array(8);
  readonly #outer = new Int32Array(8);
  readonly #state = new Int32Array(8);
  readonly #tail = new Uint8Array(2 * BLOCK_BYTES);
  readonly #digest = new Uint8Array(DIGEST_BYTES);

  /** `key`: at most 64 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
    const block = new Uint8Array(BLOCK_BYTES);
    for (const [state, pad] of [
      [this.#inner, 0x36],
      [this.#outer, 0x5c],
    ] as const) {
      for (let i = 0; i < BLOCK_BYTES; i++) block[i] = pad ^ (key[i] ?? 0);
      state.set(START);
      sha256Compress(state, block, 0);
    }
  }

  /** 32 bytes, valid until the next call. */
  mac(bytes: Uint8Array): Uint8Array {
    if (bytes.length > OWN_BYTES_MAX) return createHmac('sha256', this.#key).update(bytes).digest();
    this.#state.set(this.#inner);
    this.#finish(bytes);
    this.#state.set(this.#outer);
    this.#finish(this.#digest);
    return this.#digest;
  }

  /** Takes the message that follows the key's block, and its padding; leaves the digest. */
  #finish(bytes: Uint8Array): void {
    const state = this.#state;
    const tail = this.#tail;
    const whole = bytes.length - (bytes.length % BLOCK_BYTES);
    for (let at = 0; at < whole; at += BLOCK_BYTES) sha256Compress(state, bytes, at);
    const rest = bytes.length - whole;
    const end = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    for (let i = 0; i < rest; i++) tail[i] = bytes[whole + i] ?? 0;
    tail[rest] = 0x80;
    for (let i = rest + 1; i < end - 4; i++) tail[i] = 0;
    putWord(tail, end - 4, (BLOCK_BYTES + bytes.length) * 8);
    for (let at = 0; at < end; at += BLOCK_BYTES) sha256Compress(state, tail, at);
    for (let i = 0; i < 8; i++) putWord(this.#digest, 4 * i, state[i] ?? 0);
  }
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** The first 64 primes (FIPS 180-4 §4.2.2): fractions of their roots are the constants. */
const PRIMES: number[] = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);
const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const schedule = new Int32Array(64);

/**
 * FIPS 180-4 §6.2.2. Its name stands in the options of the daemons: it is the one function that V8 optimises in them
 * (docs/adr/0011). The `| 0` beside each element are for the compiler: all of it stays in
 * 32-bit registers.
 */
function sha256Compress(state: Int32Array, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0, from = at; i < 16; i++, from += 4) {
    w[i] =
      ((bytes[from] ?? 0) << 24) |
      ((bytes[from + 1] ?? 0) << 16) |
      ((bytes[from + 2] ?? 0) << 8) |
      (bytes[from + 3] ?? 0);
  }
  for (let i = 16; i < 64; i++) {
    const x = (w[i - 15] ?? 0) | 0;
    const y = (w[i - 2] ?? 0) | 0;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0;
  }
  let a = (state[0] ?? 0) | 0;
  let b = (state[1] ?? 0) | 0;
  let c = (state[2] ?? 0) | 0;
  let d = (state[3] ?? 0) | 0;
  let e = (state[4] ?? 0) | 0;
  let f = (state[5] ?? 0) | 0;
  let g = (state[6] ?? 0) | 0;
  let h = (state[7] ?? 0) | 0;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[i] ?? 0) + (w[i] ?? 0)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = ((state[0] ?? 0) + a) | 0;
  state[1] = ((state[1] ?? 0) + b) | 0;
  state[2] = ((state[2] ?? 0) + c) | 0;
  state[3] = ((state[3] ?? 0) + d) | 0;
  state[4] = ((state[4] ?? 0) + e) | 0;
  state[5] = ((state[5] ?? 0) + f) | 0;
  state[6] = ((state[6] ?? 0) + g) | 0;
  state[7] = ((state[7] ?? 0) + h) | 0;
}
