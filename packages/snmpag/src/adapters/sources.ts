import { ok, type Result } from '@softset/base';
import {
  type GeoDhcpClient,
  geoDhcpClient,
  type NetrackClient,
  netrackClient,
  type PsrmClient,
  psrmClient,
  type RedirectClient,
  redirectClient,
} from '@softset/client';
import type { NetrackState, ProgramStatus } from '@softset/protocol';
import type { DhcpFacts } from '../core/softset/facts.js';
import type { Change } from '../core/softset/writers.js';

export interface SourceHandlers {
  readonly onNetrack: (state: NetrackState) => void;
  readonly onPsrm: (programs: readonly ProgramStatus[]) => void;
  readonly onRedirect: (resting: readonly string[]) => void;
  readonly onGeoDhcp: (facts: DhcpFacts) => void;
  readonly onDown: (daemon: Daemon) => void;
}

export type Daemon = 'netrack' | 'psrm' | 'redirect' | 'geodhcp';

/** redirectd has no topic of what rests, nor geodhcpd of its ports and conflicts. */
const EVERY_MS = 1_000;
/** Within AgentX's own patience, so that the master hears an answer from us and not its own clock. */
const CHANGE_MS = 9_000;
const options = { name: 'snmpagd' } as const;

/** The control sockets of this board's daemons: where everything in the tables comes from, and where SETs go. */
export class Sources {
  readonly #netrack: NetrackClient;
  readonly #psrm: PsrmClient;
  readonly #redirect: RedirectClient;
  readonly #geodhcp: GeoDhcpClient;
  readonly #timer: NodeJS.Timeout;
  readonly #handlers: SourceHandlers;

  constructor(runDir: string, handlers: SourceHandlers) {
    this.#handlers = handlers;
    const down = (daemon: Daemon) => () => handlers.onDown(daemon);
    this.#netrack = netrackClient(runDir, { ...options, onDown: down('netrack') });
    this.#psrm = psrmClient(runDir, { ...options, onDown: down('psrm') });
    this.#redirect = redirectClient(runDir, { ...options, onDown: down('redirect'), onUp: () => this.#askResting() });
    this.#geodhcp = geoDhcpClient(runDir, { ...options, onDown: down('geodhcp'), onUp: () => this.#askGeoDhcp() });
    this.#geodhcp.subscribe(
      'leases',
      () => {},
      () => this.#askGeoDhcp(),
    );
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
    this.#timer = setInterval(() => {
      this.#askResting();
      this.#askGeoDhcp();
    }, EVERY_MS).unref();
  }

  #askResting(): void {
    if (!this.#redirect.connected) return;
    void this.#redirect.call('status', {}).then((answer) => {
      if (answer.ok) this.#handlers.onRedirect(answer.value.resting);
    });
  }

  #askGeoDhcp(): void {
    if (!this.#geodhcp.connected) return;
    const all = [
      this.#geodhcp.call('status', {}),
      this.#geodhcp.call('ports', {}),
      this.#geodhcp.call('leases', {}),
      this.#geodhcp.call('conflicts', {}),
    ] as const;
    void Promise.all(all).then(([status, ports, leases, conflicts]) => {
      if (!status.ok || !ports.ok || !leases.ok || !conflicts.ok) return;
      const { answering, why } = status.value;
      this.#handlers.onGeoDhcp({ answering, why, ...ports.value, ...leases.value, ...conflicts.value });
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
    for (const client of [this.#netrack, this.#psrm, this.#redirect, this.#geodhcp]) client.close();
  }
}
