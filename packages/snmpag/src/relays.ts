import type { Result } from '@softset/base';
import type { NetrackState, SnmpAgent } from '@softset/protocol';
import type { Logger, Metrics } from '@softset/runtime';
import type { AgentSecrets, Said } from './adapters/snmp-manager.js';
import { ERROR } from './core/agentx/errors.js';
import type { Varbind } from './core/agentx/value.js';
import type { Inventory } from './core/entity/inventory.js';
import type { Oid } from './core/oid.js';
import { agentxError } from './core/relay/errors.js';
import { answerOf, askOf } from './core/relay/question.js';
import { AHEAD_ROWS, ReadAhead } from './core/relay/read-ahead.js';
import type { Request } from './core/session/types.js';
import { Poller } from './poller.js';
import { Relayed } from './relayed.js';

export interface RelayParts {
  readonly agents: readonly SnmpAgent[];
  readonly secrets: (agent: string) => AgentSecrets;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** An agent answers, falls silent, or is down; or its interfaces were read. */
  readonly onChange: () => void;
  readonly onInventory: (relayed: Relayed, inventory: Inventory) => void;
}

type Question = Extract<Request, { kind: 'get' | 'get-next' | 'get-bulk' }>;

export interface Answer {
  readonly error: number;
  readonly index: number;
  readonly varbinds: readonly Varbind[];
}

const refused = (error: number, index = 0): Answer => ({ error, index, varbinds: [] });

/** All agents behind this one, each by the context of its name. */
export class Relays {
  readonly all: readonly Relayed[];
  readonly #byName: ReadonlyMap<string, Relayed>;
  readonly #ahead = new Map<string, ReadAhead>();
  readonly #nowMs: () => number;
  readonly #log: Logger;
  readonly #poller: Poller;

  constructor({ agents, secrets, nowMs, log, metrics, onChange, onInventory }: RelayParts) {
    this.#nowMs = nowMs;
    this.#log = log;
    const latencies = metrics.histogram('softset_snmpagd_relay_seconds', 'Time to the answer of an agent behind');
    this.all = agents.map(
      (agent) =>
        new Relayed({
          agent,
          secrets: secrets(agent.name),
          nowMs,
          latency: latencies.with({ agent: agent.name }),
          onPhase: (phase) => {
            log.info(`agent-${phase}`, { agent: agent.name });
            this.#ahead.delete(agent.name);
            onChange();
          },
        }),
    );
    this.#byName = new Map(this.all.map((one) => [one.agent.name, one]));
    this.#poller = new Poller(this.all, nowMs, (relayed, inventory) => {
      relayed.inventory = inventory;
      onInventory(relayed, inventory);
      onChange();
    });
  }

  /** `undefined`: nothing is known of the boards, and each is asked. */
  onNetrack(state: NetrackState | undefined): void {
    for (const relayed of this.all) {
      const seen = state?.boards.find(({ board }) => board === relayed.agent.board);
      relayed.learn({ down: seen?.verdict === 'down', path: seen?.path });
    }
  }

  learnSecrets(secrets: ReadonlyMap<string, AgentSecrets>): void {
    for (const relayed of this.all) relayed.learnSecrets(secrets.get(relayed.agent.name) ?? {});
  }

  /** Reads its interfaces anew, soon. */
  hurry(relayed: Relayed): void {
    this.#poller.hurry(relayed);
  }

  has(context: string): boolean {
    return this.#byName.has(context);
  }

  /** A GET, GETNEXT or GETBULK in the context of an agent. An agent that cannot answer: genErr, and at once where that is known. */
  async question(context: string, question: Question): Promise<Answer> {
    const relayed = this.#byName.get(context);
    if (relayed === undefined) return refused(ERROR.unsupportedContext);
    if (question.kind === 'get-next') return this.#next(relayed, question);
    return this.#live(relayed, question);
  }

  async #live(relayed: Relayed, question: Question): Promise<Answer> {
    const ask = askOf(question);
    if (ask === undefined) return refused(ERROR.genErr, 1);
    const said = await relayed.ask(ask);
    return this.#answered(relayed, question, said);
  }

  #answered(relayed: Relayed, question: Question, said: Result<Said>): Answer {
    if (!said.ok) return refused(ERROR.genErr, 1);
    if (said.value.kind === 'error') return refused(agentxError(said.value.status), said.value.index);
    const varbinds = answerOf(question, said.value.varbinds);
    if (varbinds !== undefined) return { error: ERROR.noError, index: 0, varbinds };
    this.#log.warn('agent-lies', { agent: relayed.agent.name, kind: question.kind });
    return refused(ERROR.genErr, 1);
  }

  async #next(relayed: Relayed, question: Question): Promise<Answer> {
    const ahead = this.#aheadOf(relayed.agent.name);
    const known = question.ranges.map((range) => ahead.take(range, this.#nowMs()));
    const rows = known.filter((one): one is Varbind => one !== undefined && one !== 'walking');
    if (rows.length === known.length) return { error: ERROR.noError, index: 0, varbinds: rows };
    if (!known.some((one) => one !== undefined)) {
      const answer = await this.#live(relayed, question);
      for (const { name } of answer.varbinds) ahead.give(name, [], this.#nowMs());
      return answer;
    }
    const columns = question.ranges.length;
    const maxRepetitions = Math.max(Math.floor(AHEAD_ROWS / columns), 1);
    const { session, transaction, packet, order } = question;
    const head = { session, transaction, packet, order };
    // The ranges' ends are snmpd's business: what lies behind one is not given, but it is no lie either.
    const ranges = question.ranges.map((range) => ({ ...range, end: [] as Oid }));
    const answer = await this.#live(relayed, { ...head, kind: 'get-bulk', nonRepeaters: 0, maxRepetitions, ranges });
    if (answer.error !== ERROR.noError) return answer;
    // Each column's first row is the answer, as GETNEXT would have it; the others wait for the next question.
    const first = answerOf(question, answer.varbinds.slice(0, columns));
    if (first === undefined) return refused(ERROR.genErr, 1);
    for (let column = 0; column < columns; column++) {
      const brought = answer.varbinds.filter((_, i) => i >= columns && i % columns === column);
      const given = first[column];
      if (given !== undefined) ahead.give(given.name, brought, this.#nowMs());
    }
    return { error: ERROR.noError, index: 0, varbinds: first };
  }

  #aheadOf(name: string): ReadAhead {
    const found = this.#ahead.get(name) ?? new ReadAhead();
    this.#ahead.set(name, found);
    return found;
  }

  /**
   * A SET in the context of an agent: that agent tests it, and does all of it or nothing (RFC 3416 §4.2.5). It is done
   * when snmpd asks whether it could be: nothing else belongs to a SET of one context, and only so does the manager hear
   * the agent's own error and which varbind it is about.
   */
  async set(context: string, varbinds: readonly Varbind[]): Promise<Answer & { readonly why: string }> {
    const relayed = this.#byName.get(context);
    if (relayed === undefined) return { ...refused(ERROR.unsupportedContext), why: 'there is no such agent' };
    const said = await relayed.ask({ kind: 'set', varbinds });
    this.#aheadOf(context).clear();
    if (!said.ok) return { ...refused(ERROR.genErr), why: said.message };
    if (said.value.kind === 'varbinds') return { ...refused(ERROR.noError), why: '' };
    const { status, index } = said.value;
    return { ...refused(agentxError(status), index), why: 'the agent refuses' };
  }

  close(): void {
    this.#poller.close();
    for (const relayed of this.all) relayed.close();
  }
}
