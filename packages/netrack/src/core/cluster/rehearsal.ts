import { seededRandom } from '@softset/base';
import type { BoardId, BoardMessage, Cluster } from '@softset/protocol';
import { decodeBoardMessage } from '@softset/protocol/board-message.js';
import { NOTHING_LEFT_OUT } from '../rules.js';
import { Player, paceOf, reportOf, TURN_MS } from './rehearsal-player.js';
import { emptyRegister, majorityOf, voters } from './state.js';
import { stepCluster } from './step.js';
import type { ClusterConfig, ClusterEffect, ClusterEvent } from './types.js';
import { directing } from './view.js';

/** A director that is not there by then is not waited for: the play ends. */
const TURNS_MAX = 200;

export interface Rehearsed {
  elections: number;
  taken: number;
}

/**
 * Plays elections and moves among cores of its own, with pulses and agents that always say yes, so that the engine has
 * compiled what a failover runs through before the first real one: code that runs for the first time takes ten times
 * as long, and a board that came back an hour ago has never been director. Nothing leaves this function but the count;
 * it yields after each turn, to be played a little at a time. With fewer than three votes there is nothing to play.
 */
export function* rehearse(cluster: Cluster, self: BoardId, rounds: number): Generator<void, Rehearsed> {
  const done: Rehearsed = { elections: 0, taken: 0 };
  const service = cluster.services[0];
  const stage = new Stage(cluster, self, service?.pool ?? [], done);
  if (stage.tooFew) return done;
  for (let round = 0; round < rounds; round++) {
    const led = yield* stage.until(() => stage.director !== undefined);
    if (!led) return done;
    if (service) yield* stage.until(() => stage.serve(service.name));
    stage.loseDirector();
  }
  return done;
}

class Stage {
  readonly #players: Player[];
  readonly #done: Rehearsed;
  readonly #votes: number;
  #nowMs = 1000;

  constructor(cluster: Cluster, self: BoardId, pool: readonly BoardId[], done: Rehearsed) {
    const configs = (id: BoardId): ClusterConfig => ({
      cluster,
      self: id,
      random: seededRandom(id),
      releaseMs: 0,
      without: NOTHING_LEFT_OUT,
    });
    const start = { register: emptyRegister(configs(self)) };
    const votes = voters(start, configs(self));
    // As few as can lose one and still elect: the play is for this board's engine alone.
    const cast = new Set([...votes.slice(0, majorityOf(start, configs(self)) + 1), ...pool.slice(0, 2), self]);
    this.#votes = votes.length;
    this.#done = done;
    this.#players = [...cast].map((id) => new Player(configs(id), this.#nowMs));
  }

  get tooFew(): boolean {
    return this.#votes < 3;
  }

  get director(): Player | undefined {
    return this.#players.find(({ state }) => directing(state, this.#nowMs));
  }

  *until(reached: () => boolean): Generator<void, boolean> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (reached()) return true;
      this.#nowMs += TURN_MS;
      for (const player of this.#players) this.#play(player, this.#heard(player));
      yield;
    }
    return false;
  }

  /** Whether some board holds it; asks for it where nobody does. */
  serve(service: string): boolean {
    const { director } = this;
    const holder = this.#players.find(({ held }) => held.length > 0);
    if (holder || !director) return holder !== undefined;
    const board = this.#players.find(({ config }) => config.cluster.services[0]?.pool.includes(config.self))?.config
      .self;
    if (board !== undefined) this.#play(director, [{ kind: 'serve', id: 1, service, board, cause: 'rehearsal' }]);
    return false;
  }

  /** It crashes, and is a new life of the same memory at once; the others call it down for one turn. */
  loseDirector(): void {
    const { director } = this;
    if (!director) return;
    this.#done.elections++;
    this.#nowMs += TURN_MS;
    const rest = this.#players.filter((player) => player !== director);
    for (const player of rest) this.#play(player, [reportOf(player, this.#players, director, this.#nowMs)]);
    director.restart(this.#nowMs);
    for (const { held } of this.#players) held.length = 0;
  }

  #heard(player: Player): ClusterEvent[] {
    const inbox = player.inbox.splice(0);
    return [
      ...inbox,
      reportOf(player, this.#players, undefined, this.#nowMs),
      paceOf(player, this.#players, this.#nowMs),
    ];
  }

  #play(player: Player, events: readonly ClusterEvent[]): void {
    for (const effect of stepCluster(player.state, [...events, { kind: 'tick' }], this.#nowMs, player.config))
      this.#perform(player, effect);
  }

  #perform(player: Player, effect: ClusterEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(player, effect.to, effect.message);
        break;
      case 'pulse':
        player.ask(effect.request, this.#players, this.#nowMs);
        break;
      case 'keep-vote':
        player.inbox.push({ kind: 'vote-kept', memory: effect.memory });
        break;
      case 'keep-register': {
        const { term, index } = effect.register;
        if (effect.answer) player.inbox.push({ kind: 'register-kept', term, index });
        break;
      }
      case 'agent': {
        const { message } = effect;
        if (message.kind === 'term') player.inbox.push({ kind: 'agent-term', term: message.term });
        else {
          const { kind, service, grant, term } = message.order;
          if (kind === 'take') this.#done.taken++;
          player.held.splice(0, 1, ...(kind === 'take' ? [{ service, grant }] : []));
          const result = kind === 'take' ? 'taken' : 'released';
          player.inbox.push({ kind: 'agent-outcome', outcome: { service, grant, term, result } });
        }
        break;
      }
      case 'publish':
        JSON.stringify(effect.state);
        break;
      default:
        break;
    }
  }

  #send(from: Player, to: BoardId | 'all', message: BoardMessage): void {
    const decoded = decodeBoardMessage(JSON.parse(JSON.stringify(message)));
    if (!decoded) return;
    for (const player of this.#players) {
      if (player !== from && (to === 'all' || to === player.config.self))
        player.inbox.push({ kind: 'message', from: from.config.self, message: decoded });
    }
  }
}
