import { OID_SUBIDS_MAX, type Oid } from '../oid.js';
import type { ByteOrder, SearchRange } from './pdu.js';
import { VALUE_TYPES, type Value, type Varbind } from './value.js';

/** `1.3.6.1`, left out where an OID's `prefix` says so (RFC 2741 §5.1). */
const INTERNET: Oid = [1, 3, 6, 1];

/**
 * Reads AgentX's fields from untrusted bytes: past the end, or at anything that the RFC does not know, it fails, stays
 * failed and yields nothings, and the caller asks `ok` once at the end. It never throws.
 */
export class AgentxReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #little: boolean;
  #at: number;
  #ok = true;

  constructor(bytes: Uint8Array, from: number, order: ByteOrder) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = order === 'little';
    this.#at = from;
  }

  get ok(): boolean {
    return this.#ok;
  }

  /** Nothing is left, or nothing can be read any more: what a loop over a list ends by. */
  get done(): boolean {
    return !this.#ok || this.#at >= this.#bytes.length;
  }

  #take(count: number): number {
    if (!this.#ok || this.#at + count > this.#bytes.length) {
      this.#ok = false;
      return -1;
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at, this.#little);
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getUint32(at, this.#little);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** §5.3: a length, the octets, and what fills up to four. A copy. */
  octets(): Uint8Array {
    const length = this.u32();
    const at = this.#take(length);
    this.#take((4 - (length % 4)) % 4);
    return this.#ok && at >= 0 ? this.#bytes.slice(at, at + length) : new Uint8Array(0);
  }

  /** §5.1, with its `include`, which means something in a search range alone. */
  oid(): { readonly oid: Oid; readonly include: boolean } {
    const count = this.u8();
    const prefix = this.u8();
    const include = this.u8();
    this.skip(1);
    const head = prefix === 0 ? [] : [...INTERNET, prefix];
    if (include > 1 || head.length + count > OID_SUBIDS_MAX) this.#ok = false;
    const at = this.#take(count * 4);
    if (at < 0) return { oid: [], include: false };
    const oid = head;
    for (let i = 0; i < count; i++) oid.push(this.#view.getUint32(at + i * 4, this.#little));
    return { oid, include: include === 1 };
  }

  range(): SearchRange {
    const { oid: start, include } = this.oid();
    const { oid: end } = this.oid();
    return { start, include, end };
  }

  varbind(): Varbind {
    const type = VALUE_TYPES.get(this.u16());
    this.skip(2);
    const { oid: name } = this.oid();
    if (type === undefined) {
      this.#ok = false;
      return { name, value: { type: 'null' } };
    }
    return { name, value: this.#value(type) };
  }

  #value(type: Value['type']): Value {
    switch (type) {
      case 'integer':
        return { type, value: this.u32() | 0 };
      case 'counter32':
      case 'gauge32':
      case 'time-ticks':
        return { type, value: this.u32() };
      case 'counter64': {
        const at = this.#take(8);
        return { type, value: at < 0 ? 0n : this.#view.getBigUint64(at, this.#little) };
      }
      case 'octets':
      case 'opaque':
        return { type, value: this.octets() };
      case 'ip-address': {
        const value = this.octets();
        if (value.length !== 4) this.#ok = false;
        return { type, value };
      }
      case 'oid':
        return { type, value: this.oid().oid };
      case 'null':
      case 'no-such-object':
      case 'no-such-instance':
      case 'end-of-mib-view':
        return { type };
    }
  }
}
