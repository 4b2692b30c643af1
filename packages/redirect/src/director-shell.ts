import { fail, type Result } from '@softset/base';
import { type Board, type BoardId, boardById, type Cluster, type FenceMeans, type Move } from '@softset/protocol';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import type { Journal } from '@softset/runtime/journal.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import { runCommand } from './adapters/declared-command.js';
import type { NetrackPort } from './adapters/netrack-port.js';
import type { SwitchPorts } from './adapters/switch-ports.js';
import { directorStep, directorWakeMs, planned, restingNow } from './core/director.js';
import {
  DIRECTOR_START,
  type DirectorConfig,
  type DirectorEffect,
  type DirectorEvent,
  type DirectorState,
  directorConfig,
} from './core/director-state.js';
import { wishDenied } from './core/placement.js';
import { routerWords } from './core/router-words.js';

export interface DirectorPorts {
  readonly context: DaemonContext;
  readonly journal: Journal;
  readonly netrack: () => Pick<NetrackPort, 'serve' | 'wished' | 'alarm' | 'amend' | 'fenced'>;
  readonly switchPorts: SwitchPorts;
  readonly onMove: (move: Move) => void;
  /** What became of a rule's wish; false: it was none. */
  readonly onRuled: (id: string, ok: boolean, message: string) => boolean;
}

/** Moves that `status` remembers. */
const MOVES_MAX = 32;
/** Half of a minute, so that none is missed. */
const CLOCK_MS = 30_000;

/** One after the other, until one says that it worked. */
async function fenceBy(
  board: Board | undefined,
  means: readonly FenceMeans[],
  switchPorts: SwitchPorts,
): Promise<{ ok: boolean; means?: FenceMeans; message: string }> {
  const failures: string[] = [];
  for (const one of means) {
    const answer = await fenceWith(board, one, switchPorts);
    if (answer.ok) return { ok: true, means: one, message: failures.join('; ') };
    failures.push(`${answer.code}: ${answer.message}`);
  }
  return { ok: false, message: failures.join('; ') || 'NO_MEANS: nothing to fence it with' };
}

function fenceWith(board: Board | undefined, means: FenceMeans, switchPorts: SwitchPorts): Promise<Result<unknown>> {
  if (means === 'switch-port' && board?.switchPorts !== undefined) return switchPorts.set(board, 'down');
  if (means === 'power' && board?.power !== undefined) return runCommand(board.power.off, board.power.timeoutMs);
  return Promise.resolve(fail('NO_MEANS', `the cluster file has no ${means} of ${board?.name ?? 'that board'}`));
}

/** Runs the director's core. On a board that does not direct, and in a passive daemon, it only watches. */
export class DirectorShell {
  readonly #runner: StepRunner<DirectorState, DirectorEvent, DirectorEffect>;
  readonly #config: DirectorConfig;
  readonly #passive: boolean;
  readonly #clock: NodeJS.Timeout;
  #moves: readonly Move[] = [];

  constructor(cluster: Cluster, board: Board, ports: DirectorPorts) {
    const { context, journal, netrack, switchPorts, onMove, onRuled } = ports;
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
        fence: ({ board: id, means, why }) => {
          const target = boardById(cluster, id);
          journal.append({ who: 'director', what: 'fence', fields: { board: target?.name, means, why } });
          context.log.warn('fence', { board: target?.name, means, why });
          // Not awaited here: what else is to be decided must not wait for a power supply or a switch.
          void fenceBy(target, means, switchPorts).then((answer) => {
            journal.append({ who: 'director', what: 'fenced', fields: { board: target?.name, ...answer } });
            this.dispatch({ kind: 'fenced', board: id, ...answer });
          });
        },
        tell: ({ router, service, board: id, term }) => {
          const words = routerWords(cluster, router, service, id, term);
          void (
            words === undefined
              ? Promise.resolve(fail('UNKNOWN_ROUTER', router))
              : runCommand(words.command, words.timeoutMs)
          ).then((answer) => {
            const message = answer.ok ? '' : `${answer.code}: ${answer.message}`;
            const fields = { router, service, board: id, term, ok: answer.ok, message };
            journal.append({ who: 'director', what: 'router-told', fields });
            this.dispatch({ kind: 'told', router, service, ok: answer.ok, message });
          });
        },
        'tell-fenced': ({ board: id }) => netrack().fenced(id),
        amend: ({ change, who }) => {
          journal.append({ who, what: 'change', fields: { ...change } });
          netrack().amend(change);
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
    this.#clock = setInterval(() => this.#tellTime(), CLOCK_MS);
    this.#tellTime();
  }

  #tellTime(): void {
    const wall = new Date();
    this.dispatch({ kind: 'clock', minuteOfDay: wall.getHours() * 60 + wall.getMinutes() });
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

  planFor(wanted: Parameters<typeof planned>[1]): ReturnType<typeof planned> {
    return planned(this.#runner.state, wanted, nowMs(), this.#config);
  }

  /** Why a wish for that board could not be fulfilled. */
  denied(name: string, board: BoardId): string | undefined {
    const { seen, history } = this.#runner.state;
    const service = this.#config.cluster.services.find((entry) => entry.name === name);
    return seen && service && wishDenied(this.#config.cluster, seen, history, service, board);
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
    clearInterval(this.#clock);
    this.#runner.halt();
  }
}
