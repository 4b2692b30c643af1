import type { Value } from '../agentx/value.js';
import { displayText, octetsOf } from '../octets.js';
import { dateAndTime } from './date-and-time.js';

/** What an object's value may be: one word for the MIB's text, the encoding and the documentation alike. */
export type Syntax =
  /** DisplayString, printable ASCII of at most `max`. */
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'enum'; readonly values: Readonly<Record<string, number>> }
  /** A set of names, by bit from 0 (RFC 2578 §7.1.4). */
  | { readonly kind: 'bits'; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'gauge' }
  | { readonly kind: 'counter' }
  | { readonly kind: 'truth' }
  /** Time that has passed; plain values are in ms. */
  | { readonly kind: 'ticks' }
  /** DateAndTime in UTC; plain values are ms since 1970. */
  | { readonly kind: 'date' };

/** A value as our own code has it. Undefined: there is none, and no instance either. */
export type Plain = string | number | boolean | readonly string[] | undefined;

const GAUGE_MAX = 0xffff_ffff;

/**
 * Undefined where the plain value is no value of the syntax, such as a state that a daemon of a later version has and
 * this MIB does not: no instance is better than a wrong one.
 */
export function encodeValue(syntax: Syntax, plain: Plain): Value | undefined {
  if (plain === undefined) return undefined;
  switch (syntax.kind) {
    case 'text':
      return typeof plain === 'string'
        ? { type: 'octets', value: octetsOf(displayText(plain, syntax.max)) }
        : undefined;
    case 'enum': {
      const number = typeof plain === 'string' ? syntax.values[plain] : undefined;
      return number === undefined ? undefined : { type: 'integer', value: number };
    }
    case 'bits':
      return Array.isArray(plain) ? { type: 'octets', value: bitsOf(syntax.values, plain) } : undefined;
    case 'truth':
      return typeof plain === 'boolean' ? { type: 'integer', value: plain ? 1 : 2 } : undefined;
    case 'number':
    case 'gauge':
      return typeof plain === 'number' && Number.isFinite(plain)
        ? { type: 'gauge32', value: clamp(Math.round(plain), GAUGE_MAX) }
        : undefined;
    case 'counter':
      return typeof plain === 'number' && Number.isFinite(plain)
        ? { type: 'counter32', value: Math.max(Math.floor(plain), 0) % (GAUGE_MAX + 1) }
        : undefined;
    case 'ticks':
      // Beyond 497 days TimeTicks begin again from 0 (RFC 2578 §7.1.8).
      return typeof plain === 'number' && Number.isFinite(plain)
        ? { type: 'time-ticks', value: Math.max(Math.floor(plain / 10), 0) % (GAUGE_MAX + 1) }
        : undefined;
    case 'date':
      return typeof plain === 'number' && Number.isFinite(plain)
        ? { type: 'octets', value: dateAndTime(plain) }
        : undefined;
  }
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}

/** Bit 0 is the highest of the first octet. Names that the MIB does not have are left out. */
function bitsOf(values: Readonly<Record<string, number>>, names: readonly string[]): Uint8Array {
  const octets = new Uint8Array(Math.ceil((Math.max(0, ...Object.values(values)) + 1) / 8));
  for (const name of names) {
    const bit = values[name];
    if (bit !== undefined) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return octets;
}
