import { type Ip, isIpv6, type Mac, type Result } from '@softset/base';
import { arpProbe, decodeArp, encodeArp, gratuitousArp, rarpAnnounce, ZERO_MAC } from '@softset/linux/arp.js';
import { decodeNdp, neighbourSolicitation, unsolicitedAdvertisement } from '@softset/linux/ndp.js';
import { ETH_P_ARP, ETH_P_IPV6, openPacket, type PacketSocket } from '@softset/linux/packet.js';

export interface Heard {
  readonly ip: Ip;
  readonly mac: Mac;
}

/** Frames read at one go. A flood of ARP must not keep this process: what is left is read at the next go. */
const FRAMES_MAX = 512;

/**
 * One network's side of asking and announcing: a packet socket for ARP and, where there are IPv6 addresses, one for
 * neighbour discovery. They are opened once and kept, and frames are made once, for a move has no time for either.
 */
export class NetworkSegment {
  readonly device: string;
  readonly #ipv6: boolean;
  #arp: PacketSocket | undefined;
  #ndp: PacketSocket | undefined;
  #frames = new Map<string, readonly Uint8Array[]>();

  constructor(device: string, ipv6: boolean) {
    this.device = device;
    this.#ipv6 = ipv6;
  }

  get mac(): Mac | undefined {
    return this.#arp?.mac;
  }

  /** Descriptors to wait for. */
  get fds(): readonly number[] {
    return [this.#arp, this.#ndp].flatMap((socket) => (socket === undefined ? [] : [socket.fd]));
  }

  /**
   * Opens what is not open. A device may appear late, or be made anew under its name: then sending fails, the sockets
   * are closed, and this is called again. Errors: `ENODEV`, `EPERM`.
   */
  open(): Result<void> {
    if (this.#arp === undefined) {
      const arp = openPacket({ device: this.device, etherType: ETH_P_ARP });
      if (!arp.ok) return arp;
      this.#arp = arp.value;
      this.#frames.clear();
    }
    if (this.#ipv6 && this.#ndp === undefined) {
      const ndp = openPacket({ device: this.device, etherType: ETH_P_IPV6 });
      if (!ndp.ok) return ndp;
      this.#ndp = ndp.value;
    }
    return { ok: true, value: undefined };
  }

  close(): void {
    this.#arp?.close();
    this.#ndp?.close();
    this.#arp = undefined;
    this.#ndp = undefined;
  }

  /** Asks who has `ip` by a probe, which teaches nobody anything (RFC 5227 §2.1.1, RFC 4862 §5.4.2). */
  probe(ip: Ip): void {
    this.#send(ip, `probe ${ip}`, (mac) => [isIpv6(ip) ? neighbourSolicitation(mac, ip) : arpProbe(mac, ip)]);
  }

  /** Asks who has `ip`, as `own`: for boards' private addresses, whose kernels then know us too. */
  ask(ip: Ip, own: Ip): void {
    this.#send(ip, `ask ${ip}`, (mac) => [
      isIpv6(ip)
        ? neighbourSolicitation(mac, ip, own)
        : encodeArp({ operation: 'request', senderMac: mac, senderIp: own, targetMac: ZERO_MAC, targetIp: ip }),
    ]);
  }

  /** Tells everybody that `ip` is here: gratuitous ARP in both forms, or an unsolicited advertisement. */
  announce(ip: Ip, moved?: Mac): void {
    this.#send(ip, `announce ${ip}`, (own) => {
      const mac = moved ?? own;
      if (isIpv6(ip)) return [unsolicitedAdvertisement(mac, ip)];
      const { request, reply } = gratuitousArp(mac, ip);
      return [request, reply];
    });
  }

  /** Tells switches by which port `mac` is reached now, hosts nothing: for services without IPv4, too. */
  announceMac(mac: Mac): void {
    this.#send('0.0.0.0', `mac ${mac}`, () => [rarpAnnounce(mac)]);
  }

  #send(ip: Ip, key: string, make: (mac: Mac) => readonly Uint8Array[]): void {
    const socket = isIpv6(ip) ? this.#ndp : this.#arp;
    if (socket === undefined) return;
    const frames = this.#frames.get(key) ?? make(socket.mac);
    this.#frames.set(key, frames);
    for (const frame of frames) {
      const sent = socket.send(frame);
      // ENETDOWN passes; a device that is gone does not come back under this socket's index.
      if (sent.ok || (sent.code !== 'ENXIO' && sent.code !== 'ENODEV')) continue;
      this.close();
      return;
    }
  }

  /** Every pair of address and MAC that was said on the segment since the last call. */
  *heard(): Generator<Heard> {
    for (let i = 0; i < FRAMES_MAX && this.#arp !== undefined; i++) {
      const frame = this.#arp.receive();
      if (frame === undefined) break;
      const arp = decodeArp(frame);
      // A probe claims nothing: its sender's address is zero.
      if (arp.ok && arp.value.senderIp !== '0.0.0.0') yield { ip: arp.value.senderIp, mac: arp.value.senderMac };
    }
    for (let i = 0; i < FRAMES_MAX && this.#ndp !== undefined; i++) {
      const frame = this.#ndp.receive();
      if (frame === undefined) break;
      const ndp = decodeNdp(frame);
      if (!ndp.ok || ndp.value.mac === undefined) continue;
      yield { ip: ndp.value.kind === 'advertisement' ? ndp.value.target : ndp.value.source, mac: ndp.value.mac };
    }
  }
}
