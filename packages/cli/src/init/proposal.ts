import { formatIp, type Ip, inPrefix, isIpv6, type Prefix, parseIp } from '@softset/base';
import { hostOf } from './answers.js';

/** A device of this board as ip(8) tells it (`ip -json address`), as far as it is looked at. */
export interface Link {
  readonly ifname?: string;
  readonly flags?: readonly string[];
  /** Of a bond or a bridge that it is a part of. */
  readonly master?: string;
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number; readonly scope?: string }[];
}

/** A network that this board is on. */
export interface Leg {
  readonly device: string;
  readonly address: Ip;
  readonly subnet: Prefix;
}

/**
 * Networks that could be A and B: any device with an IPv4 address and a carrier, be it a port, a bond or a VLAN. What is
 * part of another device has no address of its own, and is none.
 */
export function legsOf(links: readonly Link[]): Leg[] {
  return links.flatMap(({ ifname, flags = [], master, addr_info = [] }) => {
    const usable = flags.includes('UP') && flags.includes('LOWER_UP') && !flags.includes('LOOPBACK');
    if (ifname === undefined || !usable || master !== undefined) return [];
    const own = addr_info.find(
      ({ local = '', prefixlen = 32, scope }) =>
        scope === 'global' && prefixlen <= 30 && !isIpv6(local) && local !== '',
    );
    if (own?.local === undefined || own.prefixlen === undefined) return [];
    return [{ device: ifname, address: own.local, subnet: subnetOf(own.local, own.prefixlen) }];
  });
}

function subnetOf(address: Ip, length: number): Prefix {
  const bytes = parseIp(address);
  if (!bytes.ok) return { ip: address, length };
  const masked = bytes.value.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - i * 8))) & 0xff);
  return { ip: formatIp(Uint8Array.from(masked)), length };
}

/** Nobody waits for 65,000 answers: of a larger subnet, the part of this size that this board is in. */
const ASKED_LENGTH_MIN = 22;

/** Whom to ask: the hosts of the subnet, or of the /22 around this board. */
export function hostsToAsk({ address, subnet }: Leg): Ip[] {
  const asked = subnet.length >= ASKED_LENGTH_MIN ? subnet : subnetOf(address, ASKED_LENGTH_MIN);
  const count = 2 ** (32 - asked.length) - 1;
  return Array.from({ length: count }, (_, i) => hostOf(asked, i + 1)).flatMap((ip) =>
    ip === undefined || ip === address || !inPrefix(ip, subnet) ? [] : [ip],
  );
}

export interface Proposed {
  readonly name: string;
  readonly A: Ip;
  readonly B: Ip;
}

export interface Proposal {
  readonly boards: readonly Proposed[];
  /** Who answered on one network alone. */
  readonly half: readonly { readonly network: 'A' | 'B'; readonly ip: Ip }[];
}

interface Found {
  readonly own: string;
  readonly legs: Readonly<Record<'A' | 'B', Leg>>;
  readonly answered: Readonly<Record<'A' | 'B', readonly Ip[]>>;
  /** Names of addresses, as /etc/hosts has them. */
  readonly names: ReadonlyMap<Ip, string>;
}

/** Boards are who answers on both networks, by the same host part: that is how boards are numbered (000 Fig. 1). Pure. */
export function propose({ own, legs, answered, names }: Found): Proposal {
  const hostPart = (network: 'A' | 'B', ip: Ip): string => String(hostNumber(ip, legs[network].subnet));
  const onB = new Map(answered.B.map((ip) => [hostPart('B', ip), ip]));
  const boards: Proposed[] = [{ name: own, A: legs.A.address, B: legs.B.address }];
  const half: { network: 'A' | 'B'; ip: Ip }[] = [];
  for (const A of [...answered.A].sort((a, b) => hostNumber(a, legs.A.subnet) - hostNumber(b, legs.A.subnet))) {
    const B = onB.get(hostPart('A', A));
    onB.delete(hostPart('A', A));
    if (B === undefined) half.push({ network: 'A', ip: A });
    else boards.push({ name: names.get(A) ?? names.get(B) ?? `board-${lastPart(A, legs.A.subnet)}`, A, B });
  }
  half.push(...[...onB.values()].map((ip) => ({ network: 'B' as const, ip })));
  return { boards, half };
}

function hostNumber(ip: Ip, { length }: Prefix): number {
  const bytes = parseIp(ip);
  if (!bytes.ok) return 0;
  return bytes.value.reduce((sum, byte) => sum * 256 + byte, 0) % 2 ** (32 - length);
}

/** `1-11` of 10.1.1.11/16: what tells it from others in its subnet. */
const lastPart = (ip: Ip, { length }: Prefix): string =>
  ip
    .split('.')
    .slice(Math.floor(length / 8))
    .join('-');

/** hosts(5): the first name of each address. */
export function readHosts(text: string): Map<Ip, string> {
  const entries = text.split('\n').flatMap((line) => {
    const [ip, name] = line.replace(/#.*/, '').trim().split(/\s+/);
    return ip && name ? [[ip, name.split('.', 1)[0] ?? name] as const] : [];
  });
  return new Map(entries.reverse());
}

/** As `--network-a` and `--boards` take them. */
export const networkFlag = ({ subnet, device }: Leg): string => `${subnet.ip}/${subnet.length},${device}`;
export const boardsFlag = (boards: readonly Proposed[]): string =>
  boards.map(({ name, A, B }) => `${name}=${A}/${B}`).join(',');
