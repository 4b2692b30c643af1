import { assert } from '@softset/base';
import { isOid, type Oid } from '../oid.js';
import type { ByteOrder, SearchRange } from './pdu.js';
import { VALUE_NUMBERS, type Varbind } from './value.js';

const FIRST_BYTES = 512;

/** Writes AgentX's fields, growing as it goes. What does not fit its field is a programmer's error. */
export class AgentxWriter {
  readonly #little: boolean;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  constructor(order: ByteOrder) {
    this.#little = order === 'little';
  }

  /** Where the next bytes go. It may change the view: ask first, then write through the view. */
  #room(count: number): number {
    if (this.#at + count > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value, this.#little);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, this.#little);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, this.#little);
    return this;
  }

  octets(value: Uint8Array): this {
    this.u32(value.length);
    const at = this.#room(value.length + ((4 - (value.length % 4)) % 4));
    this.#bytes.set(value, at);
    return this;
  }

  /** RFC 2741 §5.1: `1.3.6.1.X` in front, X from 1 to 255, takes one byte. */
  oid(oid: Oid, include = false): this {
    assert(isOid(oid), `${oid.join('.')} is no OID`);
    const [a, b, c, d, x = 0] = oid;
    const short = a === 1 && b === 3 && c === 6 && d === 1 && x > 0 && x < 256;
    const from = short ? 5 : 0;
    this.u8(oid.length - from)
      .u8(short ? x : 0)
      .u8(include ? 1 : 0)
      .u8(0);
    const at = this.#room((oid.length - from) * 4);
    for (let i = from; i < oid.length; i++) this.#view.setUint32(at + (i - from) * 4, oid[i] ?? 0, this.#little);
    return this;
  }

  range({ start, include, end }: SearchRange): this {
    return this.oid(start, include).oid(end);
  }

  varbind({ name, value }: Varbind): this {
    this.u16(VALUE_NUMBERS[value.type]).u16(0).oid(name);
    switch (value.type) {
      case 'integer':
      case 'counter32':
      case 'gauge32':
      case 'time-ticks':
        return this.u32(value.value);
      case 'counter64':
        return this.u64(value.value);
      case 'octets':
      case 'opaque':
      case 'ip-address':
        return this.octets(value.value);
      case 'oid':
        return this.oid(value.value);
      case 'null':
      case 'no-such-object':
      case 'no-such-instance':
      case 'end-of-mib-view':
        return this;
    }
  }

  /** What was written: a view of it. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Sets a field that was left open, such as a length. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, this.#little);
  }
}
