import { formatMac, type Ip, isIpv6, type Mac } from '@softset/base';
import { arpProbe, decodeArp } from '@softset/linux/arp.js';
import { decodeNdp, neighbourSolicitation } from '@softset/linux/ndp.js';
import { ETH_P_ARP, ETH_P_IPV6 } from '@softset/linux/packet.js';
import { observerMac } from '../switch-rules.js';

/** How a question about who has an address looks on the wire, and who answered it. */
export interface Question {
  readonly etherType: number;
  readonly frame: Uint8Array;
}

/** The observer's link-local address, made of its MAC (RFC 4291 §2.5.1): with one it is answered alone, not to all. */
const observerIpv6 = 'fe80::ff:fe00:b5e';

/** For IPv4 an ARP probe (RFC 5227 §2.1.1), which teaches nobody anything; for IPv6 a solicitation (RFC 4861 §4.3). */
export function question(address: Ip): Question {
  return isIpv6(address)
    ? { etherType: ETH_P_IPV6, frame: neighbourSolicitation(observerMac, address, observerIpv6) }
    : { etherType: ETH_P_ARP, frame: arpProbe(observerMac, address) };
}

/** Who says that it has which address; undefined for frames that are no answer to us. */
export function answerIn(frame: Uint8Array): { readonly address: Ip; readonly mac: Mac } | undefined {
  if (formatMac(frame) !== observerMac) return undefined;
  const arp = decodeArp(frame);
  if (arp.ok)
    return arp.value.operation === 'reply' ? { address: arp.value.senderIp, mac: arp.value.senderMac } : undefined;
  const ndp = decodeNdp(frame);
  if (!ndp.ok || ndp.value.kind !== 'advertisement') return undefined;
  return { address: ndp.value.target, mac: ndp.value.mac ?? formatMac(frame.subarray(6)) };
}
