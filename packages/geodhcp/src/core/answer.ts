import { type Ipv4, type Mac, type Prefix, parseIpv4, unwrap } from '@softset/base';
import type { BootOptions, Place } from '@softset/protocol';
import { ANY, BROADCAST_FLAG, type DhcpMessage, TYPE } from './dhcp-message.js';
import { ipBytes, OPTION, type Options, optionU16, textBytes, u32Bytes } from './dhcp-options.js';

/** Where an answer goes (RFC 2131 §4.1). A frame needs no ARP: the client may have no address yet. */
export type Target =
  | { readonly kind: 'frame'; readonly mac: Mac; readonly ip: Ipv4 }
  | { readonly kind: 'relay'; readonly ip: Ipv4 };

export interface Reply {
  readonly message: DhcpMessage;
  readonly target: Target;
  /** The server's address that the client is told: also where the answer comes from. */
  readonly server: Ipv4;
  /** Most bytes of the message that the client takes. */
  readonly bytesMax: number;
}

export interface Giving {
  readonly place: Place;
  readonly ip: Ipv4;
  readonly server: Ipv4;
  readonly subnet: Prefix;
  readonly leaseMs: number;
}

const EVERYBODY_MAC: Mac = 'ff:ff:ff:ff:ff:ff';
const EVERYBODY_IP: Ipv4 = '255.255.255.255';
/** RFC 2131 §2: a client takes 576 bytes of IP, so 548 of DHCP; more where it says so, up to an Ethernet frame. */
const BYTES_MIN = 548;
const BYTES_MAX = 1472;
const IP_UDP_BYTES = 28;

/** OFFER, ACK or the answer to BOOTP. */
export function giveAnswer(asked: DhcpMessage, type: 'offer' | 'ack' | 'bootp', giving: Giving): Reply {
  const { leaseMs, ip } = giving;
  const seconds = Math.floor(leaseMs / 1000);
  const head: [number, Uint8Array][] =
    type === 'bootp'
      ? []
      : [
          [OPTION.messageType, Uint8Array.of(TYPE[type])],
          [OPTION.serverId, ipBytes(giving.server)],
          [OPTION.leaseTime, u32Bytes(seconds)],
          [OPTION.renewalTime, u32Bytes(Math.floor(seconds / 2))],
          [OPTION.rebindingTime, u32Bytes(Math.floor((seconds * 7) / 8))],
        ];
  return reply(asked, { ...giving, yiaddr: ip, head, ciaddr: type === 'ack' ? asked.ciaddr : ANY });
}

/** The answer to INFORM: no address, no times (RFC 2131 §4.3.5), to the address that the client has. */
export function informAnswer(asked: DhcpMessage, giving: Omit<Giving, 'ip'>): Reply {
  const head: [number, Uint8Array][] = [
    [OPTION.messageType, Uint8Array.of(TYPE.ack)],
    [OPTION.serverId, ipBytes(giving.server)],
  ];
  return reply(asked, { ...giving, yiaddr: ANY, head, ciaddr: asked.ciaddr });
}

/** NAK goes to everybody on the link, or through the relay with the broadcast flag (RFC 2131 §4.3.2). */
export function nakAnswer(asked: DhcpMessage, server: Ipv4, why: string): Reply {
  const options = new Map([
    [OPTION.messageType, Uint8Array.of(TYPE.nak)],
    [OPTION.serverId, ipBytes(server)],
    [OPTION.message, textBytes(why.slice(0, 200))],
    ...echoes(asked.options),
  ]);
  const relayed = asked.giaddr !== ANY;
  const message = {
    ...blank(asked),
    flags: relayed ? asked.flags | BROADCAST_FLAG : asked.flags,
    options,
  };
  const target: Target = relayed
    ? { kind: 'relay', ip: asked.giaddr }
    : { kind: 'frame', mac: EVERYBODY_MAC, ip: EVERYBODY_IP };
  return { message, target, server, bytesMax: BYTES_MIN };
}

interface Parts extends Omit<Giving, 'ip'> {
  readonly yiaddr: Ipv4;
  readonly ciaddr: Ipv4;
  readonly head: readonly [number, Uint8Array][];
}

function reply(asked: DhcpMessage, parts: Parts): Reply {
  const { place, yiaddr, ciaddr, head, subnet } = parts;
  const boot = place.options;
  const architecture = optionU16(asked.options, OPTION.clientArchitecture) ?? 0;
  const file = boot.bootFiles?.[String(architecture)] ?? boot.bootFile ?? '';
  const options = new Map<number, Uint8Array>(head);
  for (const [code, value] of wanted(asked.options, given(boot, file, subnet, place.name))) options.set(code, value);
  for (const [code, value] of echoes(asked.options)) options.set(code, value);
  const message: DhcpMessage = { ...blank(asked), ciaddr, yiaddr, siaddr: boot.nextServer ?? ANY, file, options };
  const size = optionU16(asked.options, OPTION.maxMessageSize) ?? 0;
  const bytesMax = Math.min(Math.max(size - IP_UDP_BYTES, BYTES_MIN), BYTES_MAX);
  return { message, target: targetOf(asked, yiaddr, boot.broadcast === true), server: parts.server, bytesMax };
}

function blank(asked: DhcpMessage): DhcpMessage {
  const { xid, flags, giaddr, chaddr } = asked;
  return {
    op: 'reply',
    hops: 0,
    xid,
    secs: 0,
    flags,
    ciaddr: ANY,
    yiaddr: ANY,
    siaddr: ANY,
    giaddr,
    chaddr,
    sname: '',
    file: '',
    options: new Map(),
  };
}

function targetOf(asked: DhcpMessage, yiaddr: Ipv4, always: boolean): Target {
  if (asked.giaddr !== ANY) return { kind: 'relay', ip: asked.giaddr };
  if (asked.ciaddr !== ANY) return { kind: 'frame', mac: asked.chaddr, ip: asked.ciaddr };
  if (always || (asked.flags & BROADCAST_FLAG) !== 0) return { kind: 'frame', mac: EVERYBODY_MAC, ip: EVERYBODY_IP };
  return { kind: 'frame', mac: asked.chaddr, ip: yiaddr };
}

/** Echoed as they came: the client id (RFC 6842 §3), and the relay's option last (RFC 3046 §2.2). */
function echoes(options: Options): [number, Uint8Array][] {
  return [OPTION.clientId, OPTION.relayAgent].flatMap((code) => {
    const value = options.get(code);
    return value === undefined ? [] : [[code, value] as [number, Uint8Array]];
  });
}

/** All that we could tell. */
function given(boot: BootOptions, file: string, subnet: Prefix, name: string): Options {
  const mask = maskOf(subnet.length);
  const network = unwrap(parseIpv4(subnet.ip));
  const broadcast = network.map((byte, i) => (byte & (mask[i] ?? 0)) | (~(mask[i] ?? 0) & 0xff));
  const all: [number, Uint8Array | undefined][] = [
    [OPTION.subnetMask, mask],
    [OPTION.routers, ipsOf(boot.routers)],
    [OPTION.dns, ipsOf(boot.dns)],
    [OPTION.hostName, /^[a-z0-9-]{1,63}$/i.test(name) ? textBytes(name) : undefined],
    [OPTION.domain, textOf(boot.domain)],
    [OPTION.mtu, boot.mtu === undefined ? undefined : Uint8Array.of(boot.mtu >> 8, boot.mtu & 0xff)],
    [OPTION.broadcastAddress, broadcast],
    [OPTION.ntp, ipsOf(boot.ntp)],
    [OPTION.tftpServer, textOf(boot.tftpServer)],
    [OPTION.bootFile, textOf(file)],
    ...Object.entries(boot.raw ?? {}).map(([code, hex]): [number, Uint8Array] => [Number(code), hexBytes(hex)]),
  ];
  return new Map(all.filter((pair): pair is [number, Uint8Array] => pair[1] !== undefined));
}

/** What the client asked for in its order (option 55, RFC 2132 §9.8), the mask always; everything where it did not say. */
function wanted(asked: Options, all: Options): [number, Uint8Array][] {
  const list = asked.get(OPTION.parameterList);
  const order = list === undefined ? [...all.keys()] : [OPTION.subnetMask, ...list];
  return [...new Set(order)].flatMap((code) => {
    const value = all.get(code);
    return value === undefined ? [] : [[code, value] as [number, Uint8Array]];
  });
}

function maskOf(length: number): Uint8Array {
  return Uint8Array.from([0, 8, 16, 24], (from) => 0xff & ~(0xff >> Math.min(8, Math.max(0, length - from))));
}

function ipsOf(ips: readonly Ipv4[] | undefined): Uint8Array | undefined {
  return ips === undefined || ips.length === 0 ? undefined : ipBytes(...ips);
}

function textOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined || text === '' ? undefined : textBytes(text);
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
