import { randomUUID } from 'node:crypto';
import { type Failure, fail, type Result } from '@softset/base';
import type {
  BoardId,
  BoardMessage,
  Cluster,
  ConfigurationMessage,
  ConfigurationState,
  NetrackState,
  RolloutWish,
} from '@softset/protocol';
import type { ConfigurationText } from '@softset/protocol/kept-configuration.js';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import type { Journal } from '@softset/runtime/journal.js';
import type { LoadedCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { keepConfiguration } from './adapters/kept-configuration.js';
import { hangUp } from './adapters/neighbours.js';
import { hashOf, packText, unpackText } from './adapters/packed-text.js';
import { initialAgent, stepAgent } from './core/rollout/agent.js';
import { notLive } from './core/rollout/live.js';
import { beginRound, hearAnswer, ROUND_MS, type Round, tendRound } from './core/rollout/round.js';
import type { AgentConfig, AgentEffect, AgentEvent, AgentState, View } from './core/rollout/types.js';

/** How often time alone is looked at. */
const TICK_MS = 250;

type Message = ConfigurationMessage;

export function isConfiguration(message: BoardMessage): message is Message {
  return message.kind.startsWith('config-');
}

interface Ports {
  readonly context: DaemonContext;
  readonly loaded: LoadedCluster;
  readonly send: (to: BoardId, message: BoardMessage) => void;
  /** To the director, as an operator's wish. */
  readonly utter: (rollout: RolloutWish, who: string) => Promise<{ message: string } | Failure>;
  /** This board directs: what is on trial goes back. */
  readonly rollBack: (who: string) => void;
}

/** The configuration of this board, and what an operator who asks here wants of everybody's. */
export class Configuration {
  readonly #ports: Ports;
  readonly #config: AgentConfig;
  readonly #state: AgentState;
  readonly #timer: NodeJS.Timeout;
  #view: NetrackState | undefined;
  #round:
    | { readonly round: Round; readonly packed: string; readonly who: string; readonly done: () => void }
    | undefined;
  journal: Journal | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
    const { context, loaded } = ports;
    const { text, hash, kept, fileIgnored, damaged } = loaded.source;
    this.#config = { self: loaded.board.id, boot: context.bootId };
    this.#state = initialAgent({ text, hash }, kept ?? {}, nowMs());
    const version = kept?.running?.version;
    context.log.info('configuration', { hash, from: version === undefined ? 'its file' : `roll-out ${version}` });
    if (damaged !== undefined) context.log.error('configuration-damaged', { message: damaged });
    if (fileIgnored) {
      const message = `${context.options.cluster} says something else than what was rolled out, which runs; softset config push changes it`;
      context.log.warn('configuration-file-ignored', { message });
    }
    this.#timer = setInterval(() => {
      this.#step({ kind: 'tick' });
      this.#tendRound();
    }, TICK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#round?.done();
  }

  look(view: NetrackState): void {
    this.#view = view;
    this.#step({ kind: 'view', view: viewFor(view) });
  }

  hear(from: BoardId, message: Message): void {
    switch (message.kind) {
      case 'config-stage': {
        const { round, hash, packed, who } = message;
        void this.#checked(packed, hash).then((checked) => {
          const staged = { hash, text: checked.ok ? checked.value : '', who };
          this.#step({ kind: 'stage', from, round, staged, refusal: checked.ok ? undefined : checked.message });
        });
        break;
      }
      case 'config-staged':
        if (this.#round) hearAnswer(this.#round.round, from, message);
        this.#tendRound();
        break;
      case 'config-want': {
        const { hash } = message;
        const packed = packText(this.#texts().find((one) => one?.hash === hash)?.text ?? '');
        if (packed.ok) this.#ports.send(from, { kind: 'config-text', hash, packed: packed.value });
        break;
      }
      case 'config-text': {
        const { hash, packed } = message;
        // A majority could run it when it was decided: a board that was away asks no more than whether it can read it.
        void this.#readable(packed, hash).then((text) => {
          if (text.ok) this.#step({ kind: 'text', text: { hash, text: text.value } });
          else this.#ports.context.log.warn('configuration-not-taken', { peer: from, message: text.message });
        });
        break;
      }
    }
  }

  state(): ConfigurationState {
    const { runs, record } = this.#state;
    const { staged, previous, running, trial, refused } = record;
    const rollout = this.#view?.rollout;
    return {
      running: { hash: runs.hash, version: running?.hash === runs.hash ? running.version : 0 },
      ...(staged === undefined ? {} : { staged: { hash: staged.hash, who: staged.who } }),
      ...(previous === undefined ? {} : { previous: { hash: previous.hash } }),
      ...(trial === undefined ? {} : { trialLeftMs: Math.max(0, Math.round(trial.untilMs - nowMs())) }),
      ...(rollout === undefined ? {} : { rollout }),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  text(which: 'running' | 'staged' | 'previous'): ConfigurationText | Failure {
    const { runs, record } = this.#state;
    const found = which === 'running' ? runs : record[which];
    return found
      ? { hash: found.hash, text: found.text }
      : fail('NO_CONFIGURATION', `nothing is ${which} on this board`);
  }

  async check(text: string): Promise<{ hash: string } | Failure> {
    const refusal = await this.#refusal(text);
    return refusal === undefined ? { hash: hashOf(text) } : fail('CONFIG_REFUSED', refusal);
  }

  /** Ready on every board that is there, this one included. */
  async push(text: string, who: string): Promise<{ hash: string; boards: string[]; away: string[] } | Failure> {
    const checked = await this.check(text);
    if ('ok' in checked) return checked;
    const packed = packText(text);
    if (!packed.ok) return packed;
    if (this.#round) return fail('CONFIG_BUSY', 'another push or commit is under way here; try again');
    const { there, away } = this.#boards();
    const round = beginRound(randomUUID(), checked.hash, there, nowMs());
    await new Promise<void>((done) => {
      this.#round = { round, packed: packed.value, who, done };
      this.#tendRound();
    });
    this.#round = undefined;
    const name = (board: BoardId): string => this.#cluster.boards.find(({ id }) => id === board)?.name ?? `${board}`;
    if (round.waiting.size > 0) return fail('CONFIG_REFUSED', 'this daemon stops; nothing changed');
    if (round.refused.size > 0) {
      const why = [...round.refused].map(([board, message]) => `${name(board)}: ${message}`).join('; ');
      return fail('CONFIG_REFUSED', `${why}; no board changed`);
    }
    return { hash: checked.hash, boards: there.map(name), away: away.map(name) };
  }

  async commit(confirmMs: number, who: string): Promise<{ message: string; hash: string } | Failure> {
    const { record, runs } = this.#state;
    if (record.staged === undefined)
      return fail('CONFIG_NOT_STAGED', 'nothing is held ready on this board: softset config push FILE first');
    const { hash, text } = record.staged;
    if (hash === runs.hash) return fail('CONFIG_SAME', 'what is held ready is what runs already');
    // Asked again: a board may have come, or lost what it held.
    const ready = await this.push(text, who);
    if ('ok' in ready) return ready;
    const decided = await this.#ports.utter({ kind: 'commit', hash, before: runs.hash, confirmMs }, who);
    return 'ok' in decided ? decided : { ...decided, hash };
  }

  /** From a trial every board that ran it has the way back. Later a text may be gone everywhere: so this board has to have it. */
  async rollback(who: string): Promise<{ message: string } | Failure> {
    const rollout = this.#view?.rollout;
    const has = this.#texts().some((one) => one?.hash === rollout?.before);
    if (rollout?.phase === 'kept' && !has)
      return fail(
        'NO_CONFIGURATION',
        `this board has not got what ran before version ${rollout.version}: push it instead`,
      );
    return this.#ports.utter({ kind: 'rollback' }, who);
  }

  get #cluster(): Cluster {
    return this.#ports.loaded.cluster;
  }

  #texts(): readonly (ConfigurationText | undefined)[] {
    const { runs, record } = this.#state;
    return [runs, record.staged, record.previous, record.running];
  }

  #boards(): { there: BoardId[]; away: BoardId[] } {
    const boards = this.#view?.boards ?? [];
    const there = boards.filter(({ verdict }) => verdict !== 'down' && verdict !== 'unknown').map(({ board }) => board);
    const away = boards.map(({ board }) => board).filter((board) => !there.includes(board));
    return { there, away };
  }

  #tendRound(): void {
    const current = this.#round;
    if (!current) return;
    const { round, packed, who, done } = current;
    for (const to of tendRound(round, nowMs())) {
      const message: Message = { kind: 'config-stage', round: round.id, hash: round.hash, packed, who };
      if (to === this.#config.self) this.hear(to, message);
      else this.#ports.send(to, message);
    }
    if (round.waiting.size === 0) done();
  }

  async #checked(packed: string, hash: string): Promise<Result<string>> {
    const text = unpackText(packed, hash);
    if (!text.ok) return text;
    const refusal = await this.#refusal(text.value);
    return refusal === undefined ? text : fail('CONFIG_REFUSED', refusal);
  }

  async #readable(packed: string, hash: string): Promise<Result<string>> {
    const text = unpackText(packed, hash);
    if (!text.ok) return text;
    const { parseClusterFile } = await import('@softset/protocol/cluster-file.js');
    const parsed = parseClusterFile(text.value, 'cluster file');
    return parsed.ok ? text : parsed;
  }

  /** Why this board could not run it next to what runs. The YAML and schema libraries load when they are first needed. */
  async #refusal(text: string): Promise<string | undefined> {
    const { parseClusterFile } = await import('@softset/protocol/cluster-file.js');
    const parsed = parseClusterFile(text, 'cluster file');
    if (!parsed.ok) return parsed.message.slice(0, 1500);
    const { board, cluster } = this.#ports.loaded;
    if (!parsed.value.boards.some(({ name }) => name === board.name)) return `it has no board "${board.name}"`;
    const lines = notLive(cluster, parsed.value).map(
      ({ field, why }) => `${field} cannot change while boards run: ${why}`,
    );
    return lines.length === 0 ? undefined : lines.join('; ').slice(0, 1500);
  }

  #step(event: AgentEvent): void {
    for (const effect of stepAgent(this.#state, event, nowMs(), this.#config)) this.#perform(effect);
  }

  #perform(effect: AgentEffect): void {
    const { context, send } = this.#ports;
    switch (effect.kind) {
      case 'keep': {
        const { number } = effect;
        void keepConfiguration(context.options.stateDir ?? context.options.runDir, effect.record).then((kept) =>
          this.#step({ kind: 'kept', number, ...(kept.ok ? {} : { refusal: kept.message }) }),
        );
        break;
      }
      case 'answer': {
        const { to, round, hash, ok: yes, message } = effect;
        const answer: Message = { kind: 'config-staged', round, hash, ok: yes, message };
        if (to === this.#config.self) this.hear(to, answer);
        else send(to, answer);
        break;
      }
      case 'want':
        send(effect.from, { kind: 'config-want', hash: effect.hash });
        break;
      case 'roll-back':
        this.#ports.rollBack(effect.who);
        break;
      case 'restart': {
        const { hash, version, why } = effect;
        this.journal?.append({ who: why, what: 'configuration-changed', fields: { hash, version } });
        const told = hangUp(context.options.runDir);
        context.log.info('configuration-changed', { hash, version, who: why, told });
        context.stop();
        break;
      }
      case 'log':
        context.log.warn(effect.event, effect.fields);
        break;
    }
  }
}

function viewFor(state: NetrackState): View {
  return {
    rollout: state.rollout,
    live: state.register.term === state.term && state.director !== 0,
    director: state.director,
    directing: state.directing,
    boards: state.boards.map(({ board, verdict, configuration, daemons }) => ({
      board,
      present: verdict !== 'down' && verdict !== 'unknown',
      configuration,
      alive: daemons.includes('netrackd'),
    })),
  };
}

/** How long a call that asks every board may take, ms. */
export const EVERYBODY_MS = ROUND_MS + 10_000;
