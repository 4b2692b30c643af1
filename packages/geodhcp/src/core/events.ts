import type { Ipv4, Mac } from '@softset/base';
import type { Alarm, AlarmCause, Network } from '@softset/protocol';
import type { Reply } from './answer.js';
import type { DhcpMessage } from './dhcp-message.js';
import type { Located } from './lookup.js';
import type { Kept } from './state.js';

export type Event =
  | { readonly kind: 'message'; readonly network: Network; readonly message: DhcpMessage; readonly wallMs: number }
  /** `asker`: who sent the frame; a device may ask for another one (RFC 903). */
  | {
      readonly kind: 'rarp';
      readonly network: Network;
      readonly mac: Mac;
      readonly asker: Mac;
      readonly wallMs: number;
    }
  /** What the switches said of a MAC. */
  | { readonly kind: 'located'; readonly mac: Mac; readonly located: Located; readonly wallMs: number }
  /** What was heard within the window for an address; null: nobody answered. */
  | { readonly kind: 'probed'; readonly ip: Ipv4; readonly by: Mac | null; readonly wallMs: number }
  /** Whether this board answers, or another one does. */
  | { readonly kind: 'duty'; readonly answering: boolean }
  /** An operator ends the lease and the quarantine of an address. */
  | { readonly kind: 'release'; readonly ip: Ipv4; readonly wallMs: number }
  /** The cluster file was read again: the configuration that comes with this event is another one. */
  | { readonly kind: 'configured'; readonly wallMs: number }
  | { readonly kind: 'tick'; readonly wallMs: number };

/** Done in this order. `reply` waits until every `keep` before it is on disk, or the disk has had its chance. */
export type Effect =
  /** `known`: a device that has a lease, or answers for an address: it goes before those that nobody knows. */
  | { readonly kind: 'locate'; readonly mac: Mac; readonly network: Network; readonly known: boolean }
  | { readonly kind: 'probe'; readonly ip: Ipv4; readonly network: Network }
  | { readonly kind: 'keep'; readonly kept: Kept }
  | { readonly kind: 'reply'; readonly network: Network; readonly reply: Reply }
  | {
      readonly kind: 'reverse-reply';
      readonly network: Network;
      readonly mac: Mac;
      readonly ip: Ipv4;
      readonly asker: Mac;
    }
  | {
      readonly kind: 'alarm';
      readonly object: string;
      readonly cause: Extract<AlarmCause, 'ADDRESS_IN_USE' | 'PORT_SHARED' | 'SWITCH_SILENT'>;
      readonly severity: Alarm['severity'];
      readonly text: string;
    }
  | { readonly kind: 'note'; readonly what: string; readonly fields: Readonly<Record<string, unknown>> }
  /** For the metrics: what became of a message. */
  | { readonly kind: 'count'; readonly what: string }
  | { readonly kind: 'arm'; readonly atMs: number };
