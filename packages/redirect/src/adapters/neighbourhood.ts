import { type Ip, isIpv6, type Mac } from '@softset/base';
import { PollSet } from '@softset/linux/fd.js';
import type { Board, BoardId, Cluster, Network } from '@softset/protocol';
import { nowMs } from '@softset/runtime/now-ms.js';
import type { Answer, Macs } from '../core/agent-state.js';
import { NetworkSegment } from './network-segment.js';

const NETWORKS: readonly Network[] = ['A', 'B'];
/** Boards whose MAC is known are asked again now and then: a board may have been replaced. */
const REFRESH_EVERY = 30;
/** Strangers remembered from one round to the next. */
const OVERHEARD_MAX = 64;

/**
 * Both segments: who has an address (M6), where ours are now, and which MACs the boards have. The last is learnt from
 * every ARP and advertisement that passes, and by asking: the kernel's neighbour table knows only the boards that it
 * had to send to, and forgets them.
 */
export class Neighbourhood {
  readonly #segments: Readonly<Record<Network, NetworkSegment>>;
  readonly #own: Board;
  /** By private address: whose it is, and on which network. */
  readonly #boards = new Map<Ip, { readonly board: BoardId; readonly network: Network }>();
  readonly #macs = new Map<Ip, Mac>();
  readonly #poll = new PollSet();
  #polled: readonly number[] = [];
  #rounds = 0;
  #changed = true;
  readonly #public: ReadonlySet<Ip>;
  /** By address, network and MAC: who else says that a service's address is his. */
  #overheard = new Map<string, Answer>();
  readonly #report: (code: string, message: string) => void;

  constructor(cluster: Cluster, own: Board, report: (code: string, message: string) => void) {
    this.#own = own;
    this.#report = report;
    for (const board of cluster.boards) {
      if (board.id === own.id) continue;
      for (const network of NETWORKS) this.#boards.set(board.addresses[network], { board: board.id, network });
    }
    this.#public = new Set(cluster.services.flatMap((service) => service.addresses.map(({ ip }) => ip)));
    const ipv6 = [...this.#boards.keys(), ...this.#public].some(isIpv6);
    this.#segments = { A: new NetworkSegment(own.devices.A, ipv6), B: new NetworkSegment(own.devices.B, ipv6) };
  }

  /** Opens what is closed, reads what was said, asks for boards whose MAC is not known. Call it once a second. */
  refresh(): void {
    for (const network of NETWORKS) {
      const opened = this.#segments[network].open();
      if (!opened.ok) this.#report(opened.code, opened.message);
    }
    this.#watch();
    this.drain();
    const all = this.#rounds++ % REFRESH_EVERY === 0;
    for (const [address, { network }] of this.#boards) {
      const own = this.#own.addresses[network];
      if ((all || !this.#macs.has(address)) && isIpv6(own) === isIpv6(address))
        this.#segments[network].ask(address, own);
    }
  }

  #watch(): void {
    for (const fd of this.#polled) this.#poll.remove(fd);
    this.#polled = NETWORKS.flatMap((network) => this.#segments[network].fds);
    for (const fd of this.#polled) this.#poll.add(fd);
  }

  /** Reads what waits in the sockets, and learns from it. */
  drain(): void {
    for (const network of NETWORKS) {
      for (const { ip, mac } of this.#segments[network].heard()) this.#hear(network, ip, mac);
    }
  }

  #hear(network: Network, ip: Ip, mac: Mac): void {
    this.#learn(network, ip, mac);
    if (this.#public.has(ip) && mac !== this.#segments[network].mac && this.#overheard.size < OVERHEARD_MAX)
      this.#overheard.set(`${ip} ${network} ${mac}`, { ip, network, mac });
  }

  /** Who else said since the last call that a service's address is his; of a flood, the first of them. */
  overheard(): readonly Answer[] {
    const found = [...this.#overheard.values()];
    this.#overheard.clear();
    return found;
  }

  /** Asks for these on both networks; answers are read later. */
  probe(addresses: readonly Ip[]): void {
    for (const network of NETWORKS) for (const ip of addresses) this.#segments[network].probe(ip);
  }

  /** Only on the address's own network: a kernel may answer on the other as well, with that device's MAC. */
  #learn(network: Network, ip: Ip, mac: Mac): void {
    if (this.#boards.get(ip)?.network !== network || this.#macs.get(ip) === mac) return;
    this.#macs.set(ip, mac);
    this.#changed = true;
  }

  /** What is known of MACs, if it changed since the last call. */
  macs(): Macs | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const own = NETWORKS.flatMap((network) => this.#segments[network].mac ?? []);
    const boards = [...this.#macs].map(([ip, mac]) => ({ board: this.#boards.get(ip)?.board ?? 0, mac }));
    return { own, boards };
  }

  /**
   * Asks for all addresses on both networks, and **blocks this thread** for at most `waitMs` in all. It is the one
   * blocking wait of this daemon: a timer of the event loop has a granularity of 1 ms and fires one or two late, which
   * is half of what a move may take, where ppoll(2) wakes within 0.1 ms of an answer. Nothing else is due meanwhile
   * that could not wait 1.5 ms. An address that was answered for is not asked for again: it is enough to decide.
   */
  ask(addresses: readonly Ip[], tries: number, waitMs: number): readonly Answer[] {
    // What was said before the question is no answer to it.
    this.drain();
    const answers: Answer[] = [];
    const silent = (): readonly Ip[] => addresses.filter((ip) => !answers.some((answer) => answer.ip === ip));
    const startMs = nowMs();
    for (let attempt = 1; attempt <= tries && silent().length > 0; attempt++) {
      this.probe(silent());
      const untilMs = startMs + (waitMs * attempt) / tries;
      for (let leftMs = untilMs - nowMs(); leftMs > 0 && silent().length > 0; leftMs = untilMs - nowMs()) {
        this.#poll.wait(leftMs);
        this.#collect(addresses, answers);
      }
    }
    return answers;
  }

  #collect(addresses: readonly Ip[], answers: Answer[]): void {
    for (const network of NETWORKS) {
      for (const { ip, mac } of this.#segments[network].heard()) {
        this.#hear(network, ip, mac);
        const known = answers.some((answer) => answer.ip === ip && answer.mac === mac && answer.network === network);
        if (addresses.includes(ip) && !known) answers.push({ ip, network, mac });
      }
    }
  }

  /** `mac`: whose they are, where that is not the device's own; switches are told of it, too. */
  announce(network: Network, addresses: readonly Ip[], mac?: Mac): void {
    if (mac !== undefined) this.#segments[network].announceMac(mac);
    for (const ip of addresses) this.#segments[network].announce(ip, mac);
  }

  close(): void {
    for (const network of NETWORKS) this.#segments[network].close();
  }
}
