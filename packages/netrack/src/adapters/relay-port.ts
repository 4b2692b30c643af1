import { createSocket, type Socket } from 'node:dgram';
import { isIpv6, type Result } from '@softset/base';
import { interfaceIndex } from '@softset/linux/socket.js';
import { openUdp } from '@softset/linux/udp.js';
import { type BoardId, boardById, type Cluster, type Network } from '@softset/protocol/cluster.js';
import type { Logger } from '@softset/runtime/log.js';

/** How often a socket that could not be opened is tried again, and an open one is asked whether its device is the same. */
const RETRY_MS = 250;
/** The frames of 64 boards that all answer at once, registers included. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** SO_PRIORITY: before the traffic of applications, behind beats. */
const PRIORITY = 5;

export interface RelayPortOptions {
  readonly cluster: Cluster;
  readonly board: BoardId;
  readonly log: Logger;
  readonly receive: (network: Network, bytes: Uint8Array) => void;
  readonly count: (code: string) => void;
}

/** The relay's socket on one network, opened anew whenever its device went away and came back. */
export class RelayPort {
  readonly network: Network;
  readonly #options: RelayPortOptions;
  readonly #bind: string;
  readonly #device: string;
  readonly #watch: NodeJS.Timeout;
  #socket: Socket | undefined;
  /** Of the device that the socket is bound to: a device of the same name that was made anew has another. */
  #index = 0;
  #failing = '';

  constructor(network: Network, options: RelayPortOptions) {
    const own = boardById(options.cluster, options.board);
    this.network = network;
    this.#options = options;
    this.#bind = own?.addresses[network] ?? '';
    this.#device = own?.devices[network] ?? '';
    this.#open();
    this.#watch = setInterval(() => this.#check(), RETRY_MS);
  }

  /** Never throws: what could not be sent is counted by errno's name. */
  send(bytes: Uint8Array, ip: string): void {
    const { cluster, count } = this.#options;
    if (this.#socket === undefined) count('RELAY_SEND_CLOSED');
    this.#socket?.send(bytes, cluster.ports.relay, ip, (error) => {
      count(error ? `RELAY_SEND_${(error as NodeJS.ErrnoException).code ?? 'FAILED'}` : 'sent');
    });
  }

  close(): void {
    clearInterval(this.#watch);
    this.#shut();
  }

  #check(): void {
    const index = interfaceIndex(this.#device);
    // While a device is gone its socket stays: closing it would gain nothing, and a device that is down is not gone.
    if (this.#socket !== undefined && index.ok && index.value !== this.#index) this.#shut();
    if (this.#socket === undefined) this.#open();
  }

  #open(): void {
    const { log } = this.#options;
    const family = isIpv6(this.#bind) ? 'ipv6' : 'ipv4';
    const opened = this.#descriptor(family);
    if (!opened.ok) {
      const { code, message } = opened;
      // Once for each new reason: it is tried four times a second.
      if (code !== this.#failing) log.warn('relay-network-closed', { network: this.network, code, message });
      this.#failing = code;
      return;
    }
    if (this.#failing !== '') log.info('relay-network-open', { network: this.network });
    this.#failing = '';
    const socket = createSocket(family === 'ipv6' ? 'udp6' : 'udp4');
    this.#socket = socket;
    socket.on('message', (bytes) => this.#options.receive(this.network, bytes));
    socket.on('error', (error) => {
      this.#options.count(`RELAY_SOCKET_${(error as NodeJS.ErrnoException).code ?? 'FAILED'}`);
      if (this.#socket === socket) this.#shut();
    });
    // Bound to address and device before Node sees it, and Node's to close from here on.
    socket.bind({ fd: opened.value });
  }

  #descriptor(family: 'ipv4' | 'ipv6'): Result<number> {
    const index = interfaceIndex(this.#device);
    if (!index.ok) return index;
    const opened = openUdp({
      family,
      bind: this.#bind,
      port: this.#options.cluster.ports.relay,
      device: this.#device,
      receiveBuffer: RECEIVE_BUFFER_BYTES,
      priority: PRIORITY,
    });
    if (!opened.ok) return opened;
    this.#index = index.value;
    return { ok: true, value: opened.value.fd };
  }

  #shut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}
