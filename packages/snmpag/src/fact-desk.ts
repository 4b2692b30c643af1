import type { SnmpFact } from '@softset/protocol';
import type { Logger, Metrics } from '@softset/runtime';
import type { Inventory } from './core/entity/inventory.js';
import { factsDiffer } from './core/relay/agent-facts.js';
import { EMPTY_BOOK, type FactBook, hear, hearInventory, standing } from './core/traps/fact-book.js';
import { factsOfTrap } from './core/traps/trap-facts.js';
import { parseTrapLine } from './core/traps/trap-line.js';
import { FactPoller } from './fact-poller.js';
import type { Relayed } from './relayed.js';

export interface FactDeskParts {
  readonly agents: readonly Relayed[];
  /** So long a linkDown or linkUp is believed. */
  readonly linkFreshMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly onFacts: (facts: readonly SnmpFact[]) => void;
  /** To this board's redirectd: one agent's values, whole. */
  readonly tellRules: (agent: string, values: Readonly<Record<string, SnmpFact['value']>>) => void;
  /** The agent notified: what is read of it may be another thing now. */
  readonly onNotified: (relayed: Relayed) => void;
}

/** What was not told again within a minute is unknown to redirectd: six tries. */
const REPEAT_MS = 10_000;
const LOOK_MS = 50;
/** Readings of interfaces are believed until two more should have come. */
const READINGS = 3;

/** All facts about agents behind: polled, read with their interfaces, and told by their notifications. */
export class FactDesk {
  readonly #parts: FactDeskParts;
  readonly #poller: FactPoller;
  readonly #timer: NodeJS.Timeout;
  readonly #traps;
  #book: FactBook = EMPTY_BOOK;
  #asked: ReadonlyMap<string, readonly string[]> = new Map();
  #askedText = '';
  #told: readonly SnmpFact[];
  #repeatMs = Number.NEGATIVE_INFINITY;
  #looking = false;
  readonly counts = { heard: 0, strangers: 0, unreadable: 0 };

  constructor(parts: FactDeskParts) {
    this.#parts = parts;
    const { agents, nowMs, metrics } = parts;
    this.#traps = metrics.counter('softset_snmpagd_traps_total', 'Notifications received, by what came of them');
    this.#poller = new FactPoller(agents, nowMs, () => this.#soon());
    this.#told = this.facts();
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  facts(): readonly SnmpFact[] {
    return [...this.#poller.facts(), ...standing(this.#book, this.#parts.nowMs())];
  }

  /** A line of snmptrapd. An agent is known by its address: nobody else's word counts. */
  onTrapLine(line: string): void {
    const { agents, linkFreshMs, nowMs, log, onNotified } = this.#parts;
    const trap = parseTrapLine(line);
    if (trap === undefined) {
      this.counts.unreadable++;
      this.#traps.with({ result: 'unreadable' }).add();
      return;
    }
    const relayed = agents.find(({ agent }) => agent.addresses.includes(trap.source));
    if (relayed === undefined) {
      this.counts.strangers++;
      this.#traps.with({ result: 'stranger' }).add();
      return;
    }
    this.counts.heard++;
    this.#traps.with({ result: 'heard' }).add();
    relayed.counts.notifications++;
    const told = factsOfTrap(trap, relayed.agent, linkFreshMs);
    log.debug('trap', { agent: relayed.agent.name, notification: trap.notification.join('.'), told });
    this.#book = hear(this.#book, relayed.agent.name, told, nowMs());
    onNotified(relayed);
    this.#soon();
  }

  onInventory({ agent }: Relayed, inventory: Inventory): void {
    const asked = this.#asked.get(agent.name) ?? [];
    this.#book = hearInventory(this.#book, agent.name, inventory, asked, READINGS * agent.pollMs);
    this.#soon();
  }

  /** What rules ask for, by redirectd's word. */
  onAsked(asked: readonly { readonly agent: string; readonly object: string }[]): void {
    if (JSON.stringify(asked) === this.#askedText) return;
    this.#askedText = JSON.stringify(asked);
    const names = [...new Set(asked.map(({ agent }) => agent))];
    this.#asked = new Map(
      names.map((name) => [name, asked.flatMap((one) => (one.agent === name ? [one.object] : []))]),
    );
    for (const relayed of this.#parts.agents) {
      if (relayed.inventory !== undefined) this.onInventory(relayed, relayed.inventory);
    }
  }

  /** redirectd is another process now, and knows nothing. */
  tellAll(): void {
    this.#repeatMs = Number.NEGATIVE_INFINITY;
    this.#soon();
  }

  /** Together what comes together: a switch that loses its power supply sends a notification for each port. */
  #soon(): void {
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(() => {
      this.#looking = false;
      this.#look();
    });
  }

  #look(): void {
    const { nowMs, onFacts, tellRules } = this.#parts;
    const facts = this.facts();
    const before = this.#told;
    const repeat = nowMs() - this.#repeatMs >= REPEAT_MS;
    const news = factsDiffer(before, facts);
    if (!news && !repeat) return;
    this.#told = facts;
    if (repeat) this.#repeatMs = nowMs();
    for (const agent of new Set(facts.map((fact) => fact.agent))) {
      const of = (all: readonly SnmpFact[]) => all.filter((fact) => fact.agent === agent);
      if (!repeat && !factsDiffer(of(before), of(facts))) continue;
      tellRules(agent, Object.fromEntries(of(facts).map(({ name, value }) => [name, value])));
    }
    if (news) onFacts(facts);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#poller.close();
  }
}
