import { ok, type Result } from '@softset/base';
import { EAGAIN } from './errno.js';
import { decodeAttributes, listAttributes, type NetlinkMessage, NLMSG_OVERRUN, readText } from './netlink-message.js';
import { NETLINK_NETFILTER, type NetlinkListener, openNetlinkListener } from './netlink-socket.js';

/** <linux/netfilter/nfnetlink.h>, <linux/netfilter/nf_tables.h>. */
const NFNLGRP_NFTABLES = 7;
const NFNL_SUBSYS_NFTABLES = 10;
const NFGENMSG_BYTES = 4;
const NFT_MSG_NEWGEN = 15;
const NFTA_GEN = { processId: 2, processName: 3 } as const;
/** NFPROTO_*. */
const families: Readonly<Record<number, NftFamily>> = {
  1: 'inet',
  2: 'ip',
  3: 'arp',
  5: 'netdev',
  7: 'bridge',
  10: 'ip6',
};
export type NftFamily = 'inet' | 'ip' | 'arp' | 'netdev' | 'bridge' | 'ip6';

/** By message number: what happened, and which attribute names the object beside its table (NFTA_*_TABLE is always 1). */
const kinds = {
  0: ['table-added', 1],
  2: ['table-deleted', 1],
  3: ['chain-changed', 3],
  5: ['chain-changed', 3],
  6: ['rule-changed', 2],
  8: ['rule-changed', 2],
  9: ['set-added', 2],
  11: ['set-deleted', 2],
  12: ['set-element-added', 2],
  14: ['set-element-deleted', 2],
} as const satisfies Readonly<Record<number, readonly [string, number]>>;
type Kind = (typeof kinds)[keyof typeof kinds][0];

export interface NftChange {
  /** `ruleset-changed`: a change of objects that are not told apart here, such as counters and flow tables. */
  readonly kind: Kind | 'ruleset-changed';
  readonly family: NftFamily | 'other';
  readonly table: string;
  /** The chain or set; of a rule, its chain; of a table, the table. */
  readonly name: string;
}

export type NftEvent =
  | {
      readonly kind: 'transaction';
      readonly changes: readonly NftChange[];
      readonly pid: number;
      readonly process: string;
    }
  /** Notifications were lost: the rules are to be read anew. */
  | { readonly kind: 'overrun' };

/** Changes of one transaction that are kept; of a longer one the rest is one `ruleset-changed`. */
const CHANGES_MAX = 1024;
const READS_MAX = 256;

/**
 * Puts notifications together into transactions: the kernel tells each change, then NEWGEN with the process that made
 * them (nf_tables_gen_notify). Pure.
 */
export class NftTransactions {
  #changes: NftChange[] = [];

  take(message: NetlinkMessage): NftEvent | undefined {
    if (message.type === NLMSG_OVERRUN) return this.lost();
    if (message.type >> 8 !== NFNL_SUBSYS_NFTABLES || message.payload.length < NFGENMSG_BYTES) return undefined;
    const number = message.type & 0xff;
    if (number !== NFT_MSG_NEWGEN) {
      if (this.#changes.length < CHANGES_MAX) this.#changes.push(decodeChange(number, message.payload));
      else this.#changes[CHANGES_MAX - 1] = { kind: 'ruleset-changed', family: 'other', table: '', name: '' };
      return undefined;
    }
    const attributes = decodeAttributes(message.payload.subarray(NFGENMSG_BYTES));
    const changes = this.#changes;
    this.#changes = [];
    const pid = readU32BigEndian(attributes.get(NFTA_GEN.processId)) ?? 0;
    return { kind: 'transaction', changes, pid, process: readText(attributes.get(NFTA_GEN.processName)) ?? '' };
  }

  lost(): NftEvent {
    this.#changes = [];
    return { kind: 'overrun' };
  }
}

function decodeChange(number: number, payload: Uint8Array): NftChange {
  const [kind, nameAttribute] = kinds[number as keyof typeof kinds] ?? (['ruleset-changed', 2] as const);
  const attributes = listAttributes(payload.subarray(NFGENMSG_BYTES));
  const text = (type: number): string => readText(attributes.find((each) => each.type === type)?.value) ?? '';
  return { kind, family: families[payload[0] ?? 0] ?? 'other', table: text(1), name: text(nameAttribute) };
}

/** nf_tables writes numbers in network byte order, unlike rtnetlink. */
function readU32BigEndian(value: Uint8Array | undefined): number | undefined {
  if (value === undefined || value.length < 4) return undefined;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0);
}

export class NftMonitor {
  readonly fd: number;
  readonly #listener: NetlinkListener;
  readonly #transactions = new NftTransactions();

  constructor(listener: NetlinkListener) {
    this.fd = listener.fd;
    this.#listener = listener;
  }

  /** The transactions since the last call, whoever made them, our own among them. Elements that ran out are not told. */
  read(): NftEvent[] {
    const events: NftEvent[] = [];
    for (let reads = 0; reads < READS_MAX; reads++) {
      const messages = this.#listener.receive();
      if (messages === EAGAIN) break;
      if (typeof messages === 'number') {
        events.push(this.#transactions.lost());
        break;
      }
      for (const message of messages) {
        const event = this.#transactions.take(message);
        if (event !== undefined) events.push(event);
      }
    }
    return events;
  }

  close(): void {
    this.#listener.close();
  }
}

/** Needs CAP_NET_ADMIN in the network namespace's user namespace: `EPERM` otherwise. */
export function openNftMonitor(): Result<NftMonitor> {
  const opened = openNetlinkListener(NETLINK_NETFILTER, [NFNLGRP_NFTABLES]);
  return opened.ok ? ok(new NftMonitor(opened.value)) : opened;
}
