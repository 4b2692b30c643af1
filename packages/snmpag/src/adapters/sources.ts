import { ok, type Result } from '@softset/base';
import {
  type NetrackClient,
  netrackClient,
  type PsrmClient,
  psrmClient,
  type RedirectClient,
  redirectClient,
} from '@softset/client';
import type { NetrackState, ProgramStatus } from '@softset/protocol';
import type { Change } from '../core/softset/writers.js';

export interface SourceHandlers {
  readonly onNetrack: (state: NetrackState) => void;
  readonly onPsrm: (programs: readonly ProgramStatus[]) => void;
  readonly onRedirect: (resting: readonly string[]) => void;
  readonly onDown: (daemon: 'netrack' | 'psrm' | 'redirect') => void;
}

/** redirectd has no topic of what rests; it changes with moves, and when a window passes. */
const RESTING_EVERY_MS = 1_000;
/** Within AgentX's own patience, so that the master hears an answer from us and not its own clock. */
const CHANGE_MS = 9_000;
const options = { name: 'snmpagd' } as const;

/** The control sockets of this board's daemons: where everything in the tables comes from, and where SETs go. */
export class Sources {
  readonly #netrack: NetrackClient;
  readonly #psrm: PsrmClient;
  readonly #redirect: RedirectClient;
  readonly #timer: NodeJS.Timeout;
  readonly #handlers: SourceHandlers;

  constructor(runDir: string, handlers: SourceHandlers) {
    this.#handlers = handlers;
    const down = (daemon: 'netrack' | 'psrm' | 'redirect') => () => handlers.onDown(daemon);
    this.#netrack = netrackClient(runDir, { ...options, onDown: down('netrack') });
    this.#psrm = psrmClient(runDir, { ...options, onDown: down('psrm') });
    this.#redirect = redirectClient(runDir, { ...options, onDown: down('redirect'), onUp: () => this.#askResting() });
    this.#netrack.subscribe('state', (state) => state !== null && handlers.onNetrack(state), handlers.onNetrack);
    this.#psrm.subscribe(
      'programs',
      (list) => list !== null && handlers.onPsrm(list.programs),
      ({ programs }) => handlers.onPsrm(programs),
    );
    this.#redirect.subscribe(
      'moves',
      () => {},
      () => this.#askResting(),
    );
    this.#timer = setInterval(() => this.#askResting(), RESTING_EVERY_MS).unref();
  }

  #askResting(): void {
    if (!this.#redirect.connected) return;
    void this.#redirect.call('status', {}).then((answer) => {
      if (answer.ok) this.#handlers.onRedirect(answer.value.resting);
    });
  }

  /** Does it, and answers when it is done. Errors: the daemon's own codes, `NOT_CONNECTED`, `TIMEOUT`. */
  async perform(change: Change): Promise<Result<string>> {
    const late = { timeoutMs: CHANGE_MS };
    if (change.kind === 'move') {
      const moved = await this.#redirect.call('move', { service: change.service, board: change.to }, late);
      return moved.ok ? ok(moved.value.message) : moved;
    }
    const ordered = await this.#psrm.call(change.order, { program: change.program }, late);
    return ordered.ok ? ok(`${change.order} ${change.program}`) : ordered;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of [this.#netrack, this.#psrm, this.#redirect]) client.close();
  }
}
