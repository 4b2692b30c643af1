import { Worker } from 'node:worker_threads';
import { type Ipv4, type Mac, ok, type Result } from '@softset/base';
import { type ArpFrame, arpProbe, encodeArp } from '@softset/linux/arp.js';
import { ETH_P_ARP, ETH_P_RARP, openPacket, type PacketSocket } from '@softset/linux/packet.js';
import { openUdp, type UdpSocket } from '@softset/linux/udp.js';
import type { Network } from '@softset/protocol';
import type { ReaderSetting, Received, Source } from './frames.js';

/** RFC 2131 §4.1. */
export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;

interface Sockets {
  readonly dhcp: UdpSocket;
  readonly arp: PacketSocket;
  readonly rarp: PacketSocket;
}

export interface WireHandlers {
  readonly onReceived: (received: Received) => void;
  /** A network that could not be opened, or is lost; tried again each second. */
  readonly onTrouble: (network: Network, code: string, message: string) => void;
  readonly onOpen: (network: Network, mac: Mac) => void;
}

const RETRY_MS = 1000;

/**
 * Both networks' devices: DHCP on a UDP socket bound to its device, ARP and RARP on packet sockets, which also send
 * whole frames. A device may come late, or be made anew under its name: all is opened again then.
 */
export class Wire {
  readonly #devices: Readonly<Partial<Record<Network, string>>>;
  readonly #handlers: WireHandlers;
  readonly #open = new Map<Network, Sockets>();
  readonly #told = new Map<Network, string>();
  readonly #timer: NodeJS.Timeout;
  #worker: Worker | undefined;
  #changing = Promise.resolve();
  #closed = false;

  constructor(devices: Readonly<Partial<Record<Network, string>>>, handlers: WireHandlers) {
    this.#devices = devices;
    this.#handlers = handlers;
    this.#timer = setInterval(() => this.#look(), RETRY_MS);
  }

  /** Opens what can be opened now; resolves when it is being read. */
  async begin(): Promise<void> {
    this.#look();
    await this.#changing;
  }

  mac(network: Network): Mac | undefined {
    return this.#open.get(network)?.arp.mac;
  }

  /** A whole Ethernet frame. Errors: `ENODEV` (not open), `ENETDOWN`, `ENXIO`, `EMSGSIZE`. */
  sendFrame(network: Network, frame: Uint8Array): Result<void> {
    const sockets = this.#open.get(network);
    return sockets === undefined ? notOpen(network) : sockets.arp.send(frame);
  }

  /** To a relay, by the kernel's routes. */
  sendDatagram(network: Network, bytes: Uint8Array, ip: Ipv4): Result<void> {
    const sockets = this.#open.get(network);
    return sockets === undefined ? notOpen(network) : sockets.dhcp.send(bytes, ip, SERVER_PORT);
  }

  probe(network: Network, ip: Ipv4): void {
    const sockets = this.#open.get(network);
    if (sockets !== undefined) sockets.arp.send(arpProbe(sockets.arp.mac, ip));
  }

  sendArp(network: Network, arp: Omit<ArpFrame, 'senderMac'>): void {
    const sockets = this.#open.get(network);
    if (sockets !== undefined) sockets.arp.send(encodeArp({ ...arp, senderMac: sockets.arp.mac }));
  }

  /** Each second: is every device there, and still the same one? */
  #look(): void {
    if (this.#closed) return;
    let changed = false;
    for (const [network, device] of Object.entries(this.#devices) as [Network, string][]) {
      const sockets = this.#open.get(network);
      const seen = identity(device);
      if (seen.ok && sockets !== undefined && seen.value === `${sockets.arp.ifindex} ${sockets.arp.mac}`) continue;
      const opened = seen.ok ? openSockets(device) : seen;
      if (!opened.ok) {
        if (this.#told.get(network) !== opened.code) this.#handlers.onTrouble(network, opened.code, opened.message);
        this.#told.set(network, opened.code);
        continue;
      }
      changed = true;
      this.#open.set(network, opened.value);
      this.#told.delete(network);
      this.#handlers.onOpen(network, opened.value.arp.mac);
      if (sockets !== undefined) this.#changing = this.#changing.then(() => closeSockets(sockets));
    }
    if (changed) this.#changing = this.#changing.then(() => this.#read());
  }

  /** A thread that reads what is open now, in place of the one before. */
  async #read(): Promise<void> {
    await this.#worker?.terminate();
    if (this.#closed) return;
    const sources = [...this.#open].flatMap(([network, { dhcp, arp, rarp }]): Source[] => [
      { network, kind: 'dhcp', fd: dhcp.fd },
      { network, kind: 'arp', fd: arp.fd },
      { network, kind: 'arp', fd: rarp.fd },
    ]);
    const waiting = new Int32Array(new SharedArrayBuffer(4));
    const workerData: ReaderSetting = { sources, waiting };
    const worker = new Worker(new URL('./frame-reader.js', import.meta.url), { workerData });
    worker.on('message', (batch: readonly Received[]) => {
      for (const received of batch) this.#handlers.onReceived(received);
      Atomics.sub(waiting, 0, 1);
      Atomics.notify(waiting, 0);
    });
    // A reader that dies takes the daemon with it: it is restarted, and the leases are on disk.
    worker.on('error', (error) => {
      throw error;
    });
    this.#worker = worker;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#changing;
    await this.#worker?.terminate();
    for (const sockets of this.#open.values()) closeSockets(sockets);
    this.#open.clear();
  }
}

function notOpen(network: Network): Result<void> {
  return { ok: false, code: 'ENODEV', message: `network ${network} is not open` };
}

/** Which device bears the name now. */
function identity(device: string): Result<string> {
  const socket = openPacket({ device, etherType: ETH_P_ARP });
  if (!socket.ok) return socket;
  const { ifindex, mac } = socket.value;
  socket.value.close();
  return ok(`${ifindex} ${mac}`);
}

function openSockets(device: string): Result<Sockets> {
  const arp = openPacket({ device, etherType: ETH_P_ARP });
  if (!arp.ok) return arp;
  const rarp = openPacket({ device, etherType: ETH_P_RARP });
  if (!rarp.ok) {
    arp.value.close();
    return rarp;
  }
  const dhcp = openUdp({ family: 'ipv4', port: SERVER_PORT, device });
  if (dhcp.ok) return ok({ arp: arp.value, rarp: rarp.value, dhcp: dhcp.value });
  arp.value.close();
  rarp.value.close();
  return dhcp;
}

function closeSockets({ dhcp, arp, rarp }: Sockets): void {
  for (const socket of [dhcp, arp, rarp]) socket.close();
}
