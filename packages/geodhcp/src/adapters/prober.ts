import type { Ipv4, Mac } from '@softset/base';
import type { ArpPacket } from '@softset/linux/arp.js';
import type { Network } from '@softset/protocol';
import type { Wire } from './wire.js';

/** RFC 5227 §2.1.1 sends three probes; ours go out within the window that the cluster file gives. */
const PROBES = 3;

/** A window that ends so much too late was slept through: the process stood still, and with it whoever reads the wire. */
const LATE_MS = 50;
/** A machine that stalls each time must not keep a board waiting for ever. */
const WINDOWS_MAX = 3;

interface Listening {
  readonly network: Network;
  readonly done: (by: Mac | null) => void;
  readonly timers: readonly NodeJS.Timeout[];
}

/** Asks the wire who has an address. One question for an address at a time; the first who answers is told. */
export class Prober {
  readonly #wire: Pick<Wire, 'probe' | 'mac'>;
  readonly #nowMs: () => number;
  readonly #listening = new Map<Ipv4, Listening>();

  constructor(wire: Pick<Wire, 'probe' | 'mac'>, nowMs: () => number) {
    this.#wire = wire;
    this.#nowMs = nowMs;
  }

  /** `done` is called once: with who answered, as soon as somebody does, or with null after the window. */
  probe(network: Network, ip: Ipv4, windowMs: number, done: (by: Mac | null) => void): void {
    this.#end(ip, null);
    this.#listen(network, ip, windowMs, done, 1);
  }

  #listen(network: Network, ip: Ipv4, windowMs: number, done: (by: Mac | null) => void, window: number): void {
    const dueMs = this.#nowMs() + windowMs;
    const again = Array.from({ length: PROBES - 1 }, (_, i) =>
      setTimeout(() => this.#wire.probe(network, ip), ((i + 1) * windowMs) / PROBES),
    );
    const over = (): void => {
      // Timers come before what was read meanwhile: silence is believed only once that has been heard.
      setImmediate(() => {
        if (this.#listening.get(ip) !== listening) return;
        const slept = this.#nowMs() - dueMs > LATE_MS;
        if (slept && window < WINDOWS_MAX) this.#listen(network, ip, windowMs, done, window + 1);
        else this.#end(ip, null);
      });
    };
    const listening: Listening = { network, done, timers: [...again, setTimeout(over, windowMs)] };
    this.#listening.set(ip, listening);
    this.#wire.probe(network, ip);
  }

  /** Whoever says that an address is its own, or asks for it to be so, has it; our own word does not count. */
  heard(network: Network, arp: ArpPacket): void {
    const ip = arp.senderIp === '0.0.0.0' ? undefined : arp.senderIp;
    if (ip === undefined || arp.operation.startsWith('reverse')) return;
    if (this.#listening.get(ip)?.network !== network || arp.senderMac === this.#wire.mac(network)) return;
    this.#end(ip, arp.senderMac);
  }

  #end(ip: Ipv4, by: Mac | null): void {
    const listening = this.#listening.get(ip);
    if (listening === undefined) return;
    this.#listening.delete(ip);
    for (const timer of listening.timers) clearTimeout(timer);
    listening.done(by);
  }

  close(): void {
    for (const { timers } of this.#listening.values()) for (const timer of timers) clearTimeout(timer);
    this.#listening.clear();
  }
}
