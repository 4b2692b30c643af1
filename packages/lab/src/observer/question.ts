import { formatMac, type Ip, isIpv6, type Mac } from '@softset/base';
import { arpProbe, decodeArp } from '@softset/linux/arp.js';
import { observerMac } from '../switch-rules.js';

/** How a question about who has an address looks on the wire, and who answered it. */
export interface Question {
  readonly etherType: number;
  readonly frame: Uint8Array;
}

const ETH_P_ARP = 0x0806;

/** A probe (RFC 5227 §2.1.1): it teaches nobody anything. IPv4 only. */
export function question(address: Ip): Question | undefined {
  return isIpv6(address) ? undefined : { etherType: ETH_P_ARP, frame: arpProbe(observerMac, address) };
}

/** Who says that it has which address; undefined for frames that are no answer to us. */
export function answerIn(frame: Uint8Array): { readonly address: Ip; readonly mac: Mac } | undefined {
  // The frame's own sender and the one that the answer names are the same, or somebody answers for another.
  const arp = decodeArp(frame);
  if (!arp.ok || arp.value.operation !== 'reply' || formatMac(frame.subarray(0, 6)) !== observerMac) return undefined;
  return { address: arp.value.senderIp, mac: arp.value.senderMac };
}
