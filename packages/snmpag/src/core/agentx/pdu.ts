import type { Oid } from '../oid.js';
import type { Varbind } from './value.js';

/** AgentX protocol data units (RFC 2741 §6). All of them, both directions; bytes are the business of encode and decode. */

/** Of the sender's choice, said in each header (§6.1, NETWORK_BYTE_ORDER). */
export type ByteOrder = 'big' | 'little';

export interface Head {
  readonly session: number;
  readonly transaction: number;
  readonly packet: number;
  readonly order: ByteOrder;
}

/** §5.2. From `start`, itself included or not, up to but not including `end`; an `end` without sub-identifiers is none. */
export interface SearchRange {
  readonly start: Oid;
  readonly include: boolean;
  readonly end: Oid;
}

/** Left out: the default context. One character for each octet of the name. */
interface InContext {
  readonly context?: string;
}

/** §6.2.3. `upper`: the region is the subtree whose sub-identifier number `at` (from 1) runs up to it. */
export interface Region {
  readonly subtree: Oid;
  readonly range?: { readonly at: number; readonly upper: number };
  /** 1 to 255; the lower wins. */
  readonly priority: number;
}

export type Body =
  | { readonly kind: 'open'; readonly timeoutS: number; readonly id: Oid; readonly description: string }
  | { readonly kind: 'close'; readonly reason: number }
  | ({
      readonly kind: 'register';
      readonly timeoutS: number;
      readonly region: Region;
      /** The region is one instance, with its whole name (INSTANCE_REGISTRATION). */
      readonly instance: boolean;
    } & InContext)
  | ({ readonly kind: 'unregister'; readonly region: Region } & InContext)
  | ({ readonly kind: 'get' | 'get-next'; readonly ranges: readonly SearchRange[] } & InContext)
  | ({
      readonly kind: 'get-bulk';
      readonly nonRepeaters: number;
      readonly maxRepetitions: number;
      readonly ranges: readonly SearchRange[];
    } & InContext)
  | ({ readonly kind: 'test-set'; readonly varbinds: readonly Varbind[] } & InContext)
  | ({ readonly kind: 'notify'; readonly varbinds: readonly Varbind[] } & InContext)
  | { readonly kind: 'commit-set' | 'undo-set' | 'cleanup-set' }
  | ({ readonly kind: 'ping' } & InContext)
  | ({
      readonly kind: 'index-allocate' | 'index-deallocate';
      readonly varbinds: readonly Varbind[];
      readonly newIndex: boolean;
      readonly anyIndex: boolean;
    } & InContext)
  | ({ readonly kind: 'add-agent-caps'; readonly id: Oid; readonly description: string } & InContext)
  | ({ readonly kind: 'remove-agent-caps'; readonly id: Oid } & InContext)
  | {
      readonly kind: 'response';
      readonly upTimeCs: number;
      readonly error: number;
      /** Which varbind is meant, from 1; 0 for none. */
      readonly index: number;
      readonly varbinds: readonly Varbind[];
    };

export type Pdu = Head & Body;
export type PduKind = Body['kind'];

export const AGENTX_VERSION = 1;
export const HEAD_BYTES = 20;
/** A request of all that fits in one SNMP message is far below; a length beyond it is a broken peer, not a request. */
export const PAYLOAD_BYTES_MAX = 1 << 20;

/** §6.1, `h.type`. */
export const PDU_NUMBERS: Readonly<Record<PduKind, number>> = {
  open: 1,
  close: 2,
  register: 3,
  unregister: 4,
  get: 5,
  'get-next': 6,
  'get-bulk': 7,
  'test-set': 8,
  'commit-set': 9,
  'undo-set': 10,
  'cleanup-set': 11,
  notify: 12,
  ping: 13,
  'index-allocate': 14,
  'index-deallocate': 15,
  'add-agent-caps': 16,
  'remove-agent-caps': 17,
  response: 18,
};

export const PDU_KINDS: ReadonlyMap<number, PduKind> = new Map(
  (Object.entries(PDU_NUMBERS) as [PduKind, number][]).map(([kind, number]) => [number, kind]),
);

/** §6.1, `h.flags`. */
export const FLAG = { instance: 1, newIndex: 2, anyIndex: 4, context: 8, networkOrder: 16 } as const;
