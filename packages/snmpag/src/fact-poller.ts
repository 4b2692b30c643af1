import type { SnmpFact } from '@softset/protocol';
import {
  FACTS_OF_A_GET,
  type FactDef,
  factDefs,
  factKey,
  factsDiffer,
  type HeardFacts,
  hearFacts,
  standingFacts,
} from './core/relay/agent-facts.js';
import type { Relayed } from './relayed.js';

const LOOK_MS = 50;

/** Polls the cluster file's facts of each agent, and tells when one changes or becomes unknown. */
export class FactPoller {
  readonly #defs: readonly FactDef[];
  readonly #agents: ReadonlyMap<string, Relayed>;
  readonly #nowMs: () => number;
  readonly #onChange: (facts: readonly SnmpFact[]) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #busy = new Set<string>();
  readonly #dueMs = new Map<string, number>();
  #heard: HeardFacts = new Map();
  #told: readonly SnmpFact[];

  constructor(agents: readonly Relayed[], nowMs: () => number, onChange: (facts: readonly SnmpFact[]) => void) {
    this.#defs = factDefs(agents.map(({ agent }) => agent));
    this.#agents = new Map(agents.map((one) => [one.agent.name, one]));
    this.#nowMs = nowMs;
    this.#onChange = onChange;
    this.#told = this.facts();
    if (this.#defs.length > 0) this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  facts(): readonly SnmpFact[] {
    return standingFacts(this.#defs, this.#heard, this.#nowMs());
  }

  #look(): void {
    for (const [name, relayed] of this.#agents) {
      // One that does not answer is probed by the poller, and its facts grow old.
      if (this.#busy.has(name) || relayed.target.phase === 'down' || relayed.target.phase === 'silent') continue;
      const now = this.#nowMs();
      const due = this.#defs
        .filter((def) => def.agent === name && (this.#dueMs.get(factKey(def)) ?? 0) <= now)
        .slice(0, FACTS_OF_A_GET);
      if (due.length === 0) continue;
      for (const def of due) this.#dueMs.set(factKey(def), now + def.everyMs);
      this.#busy.add(name);
      void this.#ask(relayed, due).finally(() => this.#busy.delete(name));
    }
    this.#tell();
  }

  async #ask(relayed: Relayed, due: readonly FactDef[]): Promise<void> {
    const said = await relayed.ask({ kind: 'get', oids: due.map(({ oid }) => oid) });
    if (!said.ok || said.value.kind !== 'varbinds') return;
    this.#heard = hearFacts(this.#heard, due, said.value.varbinds, this.#nowMs());
    this.#tell();
  }

  #tell(): void {
    const facts = this.facts();
    if (!factsDiffer(this.#told, facts)) return;
    this.#told = facts;
    this.#onChange(facts);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
