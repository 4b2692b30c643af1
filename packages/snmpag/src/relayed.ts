import { fail, type Result } from '@softset/base';
import type { Network, SnmpAgent } from '@softset/protocol';
import type { Metrics } from '@softset/runtime/metrics.js';
import { type AgentSecrets, type Said, SnmpManager } from './adapters/snmp-manager.js';
import type { Inventory } from './core/entity/inventory.js';
import type { Behind } from './core/relay/behind.js';
import type { Ask } from './core/relay/question.js';
import { mayAsk, newTarget, onAnswer, onProbe, onSilence, onVerdict, type Target } from './core/relay/target.js';

/** What NETRACK says of an agent's board. */
export interface Verdict {
  readonly down: boolean;
  readonly path: Network | undefined;
}

export interface RelayedParts {
  readonly agent: SnmpAgent;
  readonly secrets: AgentSecrets;
  readonly nowMs: () => number;
  readonly onPhase: (phase: Target['phase']) => void;
  readonly latency: ReturnType<Metrics['histogram']>;
}

/** Questions to one agent at a time; those beyond are refused at once, and nobody else waits behind them. */
const UNDER_WAY_MAX = 64;

/** An agent behind ours: asked by the way that NETRACK says is best, then by the other; not at all where that is vain. */
export class Relayed implements Behind {
  readonly agent: SnmpAgent;
  readonly #parts: RelayedParts;
  #managers: readonly SnmpManager[] = [];
  /** How to end what waits for an answer. */
  readonly #waiting = new Set<(ended: Result<Said>) => void>();
  #target: Target;
  #path: Network | undefined;
  readonly counts = { asked: 0, answered: 0, silences: 0, refused: 0, notifications: 0 };
  /** Of the last answer. */
  latencyMs: number | undefined;
  inventory: Inventory | undefined;

  constructor(parts: RelayedParts) {
    this.#parts = parts;
    this.agent = parts.agent;
    this.#target = newTarget(parts.nowMs());
    this.learnSecrets(parts.secrets);
  }

  /** What it is asked with from now on. Questions under way end by their time. */
  learnSecrets(secrets: AgentSecrets): void {
    for (const manager of this.#managers) manager.close();
    this.#managers = this.agent.addresses.map((address) => new SnmpManager(this.agent, address, secrets));
  }

  get target(): Target {
    return this.#target;
  }

  learn({ down, path }: Verdict): void {
    this.#path = path;
    this.#become(onVerdict(this.#target, down, this.#parts.nowMs()));
    if (!down) return;
    // Nobody waits for what will not come.
    for (const end of this.#waiting) end(fail('AGENT_DOWN', `${this.agent.name} is down`));
  }

  /**
   * Asks, and answers within two times the agent's `timeoutMs`; at once where the agent is down or silent. Errors:
   * `AGENT_DOWN`, `AGENT_SILENT`, `AGENT_UNREADABLE`, `AGENT_ODD`, `AGENT_BUSY`. A SET goes out once: whether one without an answer
   * was done nobody knows, and a second one might do it twice.
   */
  async ask(ask: Ask): Promise<Result<Said>> {
    const { name } = this.agent;
    if (!mayAsk(this.#target)) {
      this.counts.refused++;
      return fail(this.#target.phase === 'down' ? 'AGENT_DOWN' : 'AGENT_SILENT', `${name} is ${this.#target.phase}`);
    }
    if (this.#waiting.size >= UNDER_WAY_MAX) {
      this.counts.refused++;
      return fail('AGENT_BUSY', `${UNDER_WAY_MAX} questions to ${name} are under way`);
    }
    return this.#askNow(ask);
  }

  /** Where it is time to see whether a silent one is back: asks it, whatever its state. Resolves to what it said. */
  async probe(ask: Ask): Promise<Result<Said> | undefined> {
    const now = this.#parts.nowMs();
    if (this.#target.phase !== 'silent' || now < this.#target.probeMs) return undefined;
    this.#target = onProbe(this.#target, now);
    return this.#askNow(ask);
  }

  #askNow(ask: Ask): Promise<Result<Said>> {
    return new Promise((settle) => {
      const end = (ended: Result<Said>): void => {
        if (this.#waiting.delete(end)) settle(ended);
      };
      this.#waiting.add(end);
      void this.#tryWays(ask, () => this.#waiting.has(end)).then(end);
    });
  }

  async #tryWays(ask: Ask, wanted: () => boolean): Promise<Result<Said>> {
    const { nowMs, latency } = this.#parts;
    let last: Result<Said> = fail('AGENT_SILENT', `${this.agent.name} has no address`);
    for (const manager of this.#ways(ask)) {
      this.counts.asked++;
      const startMs = nowMs();
      last = await manager.ask(ask);
      if (last.ok || last.code === 'AGENT_ODD') {
        const endMs = nowMs();
        this.latencyMs = endMs - startMs;
        latency.observe(this.latencyMs / 1000);
        this.counts.answered++;
        this.#become(onAnswer(this.#target, endMs));
        return last;
      }
      if (!wanted()) return last;
    }
    this.counts.silences++;
    this.#become(onSilence(this.#target, nowMs()));
    return last;
  }

  #ways(ask: Ask): readonly SnmpManager[] {
    const [first, second = first] = this.#managers;
    if (first === undefined || second === undefined) return [];
    const ways = this.#path === 'B' ? [second, first] : [first, second];
    return ask.kind === 'set' ? ways.slice(0, 1) : ways;
  }

  #become(target: Target): void {
    const before = this.#target.phase;
    this.#target = target;
    if (target.phase !== before) this.#parts.onPhase(target.phase);
  }

  close(): void {
    for (const manager of this.#managers) manager.close();
    for (const end of this.#waiting) end(fail('AGENT_DOWN', 'this agent stops'));
  }
}
