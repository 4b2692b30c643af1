import type { BoardId, Order } from '@softset/protocol';
import { NOTHING_LEFT_OUT } from '../rules.js';
import { initialPulse } from './state.js';
import { stepPulse } from './step.js';
import type { PulseConfig, PulseEffect, PulseEvent, PulseState } from './types.js';

const SERVICE = 'rehearsal';

/**
 * Takes and releases a service on a state of its own, again and again, so that the engine has compiled what a move runs
 * through before the first real one. Nothing is performed; what the shell would send is put into words. `play` is one
 * move, under a millisecond once it is warm; it tells how many of its steps were answered with yes: two.
 */
export class PulseRehearsal {
  readonly #state: PulseState;
  readonly #config: PulseConfig;
  readonly #director: BoardId;
  #nowMs = 1000;
  #move = 0;

  constructor(config: PulseConfig) {
    this.#config = { ...config, services: [SERVICE], without: NOTHING_LEFT_OUT };
    this.#director = config.boards.find((id) => id !== config.self) ?? 0;
    const life = { boot: SERVICE, incarnation: 1, carrier: { A: true, B: true } };
    this.#state = initialPulse(this.#config, life, undefined, this.#nowMs);
    this.#step({ kind: 'request', from: 0, daemon: 'netrackd', request: { kind: 'memory', amnesiac: false } });
  }

  play(): number {
    const id = ++this.#move;
    const director = this.#director;
    this.#ask('netrackd', { kind: 'follow', id, term: id, director });
    this.#tick();
    const { boot, incarnation, sequence } = this.#state;
    const grant = { term: id, n: 1 };
    const stamp = { boot, incarnation, sequence };
    const order: Order = { kind: 'take', service: SERVICE, grant, term: id, director, stamp, cause: '' };
    const made = this.#ask('redirectd', { kind: 'create', id, order, network: 'A' }).flatMap((effect) =>
      effect.kind === 'create' ? this.#step({ kind: 'made', lease: effect.lease, answer: effect.answer }) : [],
    );
    this.#ask('netrackd', { kind: 'named', term: id, index: 1, grants: [{ service: SERVICE, grant }] });
    this.#tick();
    const gone = this.#ask('redirectd', { kind: 'release', id, service: SERVICE, grant });
    this.#tick();
    return [...made, ...gone].filter(({ kind }) => kind === 'answer').length;
  }

  #ask(daemon: 'netrackd' | 'redirectd', request: Extract<PulseEvent, { kind: 'request' }>['request']): PulseEffect[] {
    return this.#step({ kind: 'request', from: 0, daemon, request: JSON.parse(JSON.stringify(request)) });
  }

  #tick(): void {
    this.#nowMs += this.#config.timing.intervalMs;
    this.#step({ kind: 'tick' });
  }

  #step(event: PulseEvent): PulseEffect[] {
    const effects = stepPulse(this.#state, event, this.#nowMs, this.#config);
    for (const effect of effects) {
      if (effect.kind === 'answer') JSON.stringify(effect.answer);
      else if (effect.kind === 'tell') JSON.stringify(effect.message);
    }
    return effects;
  }
}
