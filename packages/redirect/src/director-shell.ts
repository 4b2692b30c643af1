import type { Board, Cluster, Move } from '@softset/protocol';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import type { Journal } from '@softset/runtime/journal.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import type { NetrackPort } from './adapters/netrack-port.js';
import { directorStep, directorWakeMs, restingNow } from './core/director.js';
import {
  DIRECTOR_START,
  type DirectorConfig,
  type DirectorEffect,
  type DirectorEvent,
  type DirectorState,
  directorConfig,
} from './core/director-state.js';

export interface DirectorPorts {
  readonly context: DaemonContext;
  readonly journal: Journal;
  readonly netrack: () => Pick<NetrackPort, 'serve' | 'wished' | 'alarm'>;
  readonly onMove: (move: Move) => void;
  /** What became of a rule's wish; false: it was none. */
  readonly onRuled: (id: string, ok: boolean, message: string) => boolean;
}

/** Moves that `status` remembers. */
const MOVES_MAX = 32;

/** Runs the director's core. On a board that does not direct, and in a passive daemon, it only watches. */
export class DirectorShell {
  readonly #runner: StepRunner<DirectorState, DirectorEvent, DirectorEffect>;
  readonly #config: DirectorConfig;
  readonly #passive: boolean;
  #moves: readonly Move[] = [];

  constructor(cluster: Cluster, board: Board, { context, journal, netrack, onMove, onRuled }: DirectorPorts) {
    const config = directorConfig(cluster);
    this.#config = config;
    this.#passive = context.passive;
    this.#runner = new StepRunner<DirectorState, DirectorEvent, DirectorEffect>({
      initial: DIRECTOR_START,
      step: (state, event, now) => directorStep(state, event, now, config),
      onCrash: context.crash,
      ring: context.ring,
      effects: {
        serve: ({ call, service, board: to, cause }) => {
          void netrack()
            .serve(service, to, cause)
            .then((answer) => {
              if (answer.ok) return this.dispatch({ kind: 'served', call, grant: answer.value.grant });
              context.log.info('serve-refused', { service, board: to, code: answer.code, message: answer.message });
              return this.dispatch({ kind: 'refused', call, code: answer.code, message: answer.message });
            });
        },
        'answer-wish': ({ id, ok, message }) => {
          if (!onRuled(id, ok, message)) netrack().wished(id, ok, message);
        },
        journal: ({ move }) => {
          const made: Move = { ...move, atMs: Date.now() };
          this.#moves = [...this.#moves, made].slice(-MOVES_MAX);
          context.log.info('move', { ...made });
          journal.append({ who: 'director', what: 'move', fields: { ...made } });
          onMove(made);
        },
        alarm: ({ object, cause, severity, text }) => {
          netrack().alarm({ object, cause, severity, text, raisedAtMs: Date.now(), raisedBy: board.id });
        },
      },
    });
  }

  get seen(): DirectorState['seen'] {
    return this.#runner.state.seen;
  }

  get state(): DirectorState {
    return this.#runner.state;
  }

  get moves(): readonly Move[] {
    return this.#moves;
  }

  get resting(): readonly string[] {
    return restingNow(this.#runner.state, nowMs(), this.#config);
  }

  get deciding(): boolean {
    return !this.#passive && this.seen?.directing === true;
  }

  dispatch(event: DirectorEvent): void {
    // Passive: what broke twice is not tried a third time. Another board's director takes over when this one goes.
    const quiet =
      this.#passive && event.kind === 'state' ? { ...event, state: { ...event.state, directing: false } } : event;
    this.#runner.dispatch(quiet);
    const wakeMs = directorWakeMs(this.#runner.state, nowMs(), this.#config);
    if (wakeMs === undefined) this.#runner.timers.cancel('wake');
    else this.#runner.timers.arm('wake', wakeMs, () => this.dispatch({ kind: 'tick' }));
  }

  close(): void {
    this.#runner.halt();
  }
}
