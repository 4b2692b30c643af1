import type { Alarm, NetrackState } from '@softset/protocol';
import type { EventRing } from '@softset/runtime/event-ring.js';
import type { Journal } from '@softset/runtime/journal.js';
import type { Logger } from '@softset/runtime/log.js';
import type { Metrics } from '@softset/runtime/metrics.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import type { Received } from './adapters/frames.js';
import type { LeaseFile } from './adapters/lease-file.js';
import { Prober } from './adapters/prober.js';
import { CLIENT_PORT, SERVER_PORT, type Wire } from './adapters/wire.js';
import type { Reply } from './core/answer.js';
import { decodeDhcp, encodeDhcp } from './core/dhcp-message.js';
import { type Duty, dutyOf } from './core/duty.js';
import type { Effect, Event } from './core/events.js';
import { type Kept, restored, type State } from './core/state.js';
import { type Config, step } from './core/step.js';
import { encodeUdpFrame } from './core/udp-frame.js';
import type { Locator } from './locator.js';

export interface ServerParts {
  readonly config: Config;
  readonly kept: Kept;
  readonly wire: Wire;
  readonly locator: Locator;
  readonly leases: LeaseFile;
  readonly journal: Journal;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly ring: EventRing;
  readonly crash: (error: unknown) => void;
  readonly alarm: (alarm: Alarm) => void;
  /** Leases or conflicts are others now. */
  readonly onChange: () => void;
  readonly passive: boolean;
}

/** Runs the core: what comes in by the wire becomes events, and effects are performed. */
export class Server {
  readonly #parts: ServerParts;
  readonly #runner: StepRunner<State, Event, Effect>;
  readonly #prober: Prober;
  readonly #lookups;
  readonly #messages;
  #config: Config;
  #locator: Locator;
  /** Whose look-ups count: those of the newest configuration. */
  #life = 0;
  #seen: NetrackState | undefined;
  #duty: Duty;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const { config, metrics, ring } = parts;
    this.#config = config;
    this.#locator = parts.locator;
    this.#lookups = metrics.histogram(
      'softset_geodhcp_lookup_seconds',
      'From the question to all switches to the place',
    );
    this.#messages = metrics.counter('softset_geodhcp_messages_total', 'What became of messages');
    this.#prober = new Prober(parts.wire, nowMs);
    this.#runner = new StepRunner<State, Event, Effect>({
      initial: restored(parts.kept, config.geo, nowMs(), Date.now()),
      step: (state, event, at) => step(state, event, at, this.#config),
      effects: {
        locate: ({ mac, network, known }) => this.#locate(mac, network, known),
        probe: ({ ip, network }) => {
          const told = (by: string | null): void =>
            this.#runner.dispatch({ kind: 'probed', ip, by, wallMs: Date.now() });
          this.#prober.probe(network, ip, this.#config.geo.probeMs, told);
        },
        keep: ({ kept }) => {
          parts.leases.keep(kept);
          parts.onChange();
        },
        // Not waited for here: replies to others must not stand behind this one's disk.
        reply: ({ network, reply }) => void parts.leases.settled().then(() => this.#send(network, reply)),
        'reverse-reply': ({ network, mac, ip, asker }) => {
          const targetMac = mac;
          void parts.leases.settled().then(() =>
            parts.wire.sendArp(network, {
              operation: 'reverse-reply',
              senderIp: this.#config.board.addresses[network],
              targetMac,
              targetIp: ip,
              destination: asker,
            }),
          );
        },
        alarm: ({ kind: _, ...alarm }) => {
          parts.log.warn('alarm', alarm);
          parts.alarm({ ...alarm, raisedAtMs: Date.now(), raisedBy: this.#config.board.id });
        },
        note: ({ what, fields }) => {
          parts.log.info(what, fields);
          parts.journal.append({ who: 'geodhcpd', what, fields });
        },
        count: ({ what }) => this.#messages.with({ outcome: what }).add(),
        arm: ({ atMs }) => this.#runner.armEvent('due', atMs, () => ({ kind: 'tick', wallMs: Date.now() })),
      },
      onCrash: parts.crash,
      ring,
    });
    this.#duty = parts.passive
      ? { answering: false, why: 'it crashed twice within a minute; restart it to have it answer again' }
      : dutyOf(config.board.id, config.geo.boards, undefined);
  }

  /** Once the networks are open: before, nobody would be heard who uses an address. */
  begin(): void {
    this.#runner.dispatch({ kind: 'duty', answering: this.#duty.answering });
    // Leases and quarantines of an earlier life are due in this one.
    this.#runner.dispatch({ kind: 'tick', wallMs: Date.now() });
  }

  get state(): State {
    return this.#runner.state;
  }

  get duty(): Duty {
    return this.#duty;
  }

  /** From netrackd; undefined where it says nothing. */
  onNetrack(seen: NetrackState | undefined): void {
    this.#seen = seen;
    this.#judgeDuty();
  }

  /** The cluster file was read again. What was asked of the switches before is asked anew. */
  configure(config: Config, locator: Locator): void {
    this.#config = config;
    this.#locator = locator;
    this.#life++;
    // Before all else: no other event may meet the leases of the old map under the new one.
    this.#runner.dispatch({ kind: 'configured', wallMs: Date.now() });
    this.#judgeDuty();
  }

  #judgeDuty(): void {
    if (this.#parts.passive) return;
    const { board, geo } = this.#config;
    const duty = dutyOf(board.id, geo.boards, this.#seen);
    if (duty.answering !== this.#duty.answering) {
      this.#parts.log.info('duty', { ...duty });
      this.#runner.dispatch({ kind: 'duty', answering: duty.answering });
    }
    this.#duty = duty;
  }

  onReceived(received: Received): void {
    const { network } = received;
    if (received.kind === 'arp') {
      const { arp } = received;
      this.#prober.heard(network, arp);
      if (arp.operation === 'reverse-request' && arp.senderMac !== this.#parts.wire.mac(network)) {
        this.#runner.dispatch({ kind: 'rarp', network, mac: arp.targetMac, asker: arp.senderMac, wallMs: Date.now() });
      }
      return;
    }
    const message = decodeDhcp(received.bytes);
    if (message.ok) {
      this.#runner.dispatch({ kind: 'message', network, message: message.value, wallMs: Date.now() });
      return;
    }
    this.#messages.with({ outcome: message.code.toLowerCase().replaceAll('_', '-') }).add();
    this.#parts.log.debug('unreadable', { network, code: message.code, message: message.message });
  }

  release(ip: string): void {
    this.#runner.dispatch({ kind: 'release', ip, wallMs: Date.now() });
  }

  #locate(mac: string, network: 'A' | 'B', known: boolean): void {
    const startedMs = nowMs();
    const life = this.#life;
    void this.#locator.locate(mac, network, known).then((located) => {
      if (life !== this.#life) return;
      this.#lookups.observe((nowMs() - startedMs) / 1000);
      this.#runner.dispatch({ kind: 'located', mac, located, wallMs: Date.now() });
    });
  }

  #send(network: 'A' | 'B', reply: Reply): void {
    const { wire, log } = this.#parts;
    const { bytes, left } = encodeDhcp(reply.message, reply.bytesMax);
    if (left.length > 0) log.warn('options-left-out', { mac: reply.message.chaddr, options: left });
    const { target } = reply;
    const mac = wire.mac(network);
    if (mac === undefined) return;
    const from = { mac, ip: reply.server, port: SERVER_PORT };
    const sent =
      target.kind === 'relay'
        ? wire.sendDatagram(network, bytes, target.ip)
        : wire.sendFrame(
            network,
            encodeUdpFrame({ from, to: { mac: target.mac, ip: target.ip, port: CLIENT_PORT }, payload: bytes }),
          );
    if (!sent.ok) log.warn('not-sent', { network, code: sent.code, message: sent.message });
  }

  close(): void {
    this.#runner.halt();
    this.#prober.close();
  }
}
