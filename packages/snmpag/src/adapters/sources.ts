import { ok, type Result } from '@softset/base';
import {
  type GeoDhcpClient,
  geoDhcpClient,
  type NetrackClient,
  netrackClient,
  type PsrmClient,
  psrmClient,
} from '@softset/client';
import { type ControlClient, connectControl } from '@softset/client/control-client.js';
import type { NetrackState, ProgramStatus, RedirectMethods, RedirectTopics, RulesMethods } from '@softset/protocol';
import type { DhcpFacts } from '../core/softset/facts.js';
import type { Change } from '../core/softset/writers.js';

export interface SourceHandlers {
  readonly onNetrack: (state: NetrackState) => void;
  readonly onPsrm: (programs: readonly ProgramStatus[]) => void;
  readonly onRedirect: (resting: readonly string[]) => void;
  /** What runs there, and which values of agents it asks for. */
  readonly onRules: (rules: RulesMethods['rules']['result']) => void;
  readonly onRedirectUp: () => void;
  readonly onGeoDhcp: (facts: DhcpFacts) => void;
  readonly onDown: (daemon: Daemon) => void;
}

export type Daemon = 'netrack' | 'psrm' | 'redirect' | 'geodhcp';

/** redirectd has no topic of what rests, nor geodhcpd of its ports and conflicts. */
const EVERY_MS = 1_000;
/** Within AgentX's own patience, so that the master hears an answer from us and not its own clock. */
const CHANGE_MS = 9_000;
const WISH = { 'in-service': 'activate', maintenance: 'maintenance', drained: 'drain', standby: 'standby' } as const;
const options = { name: 'snmpagd' } as const;

/** The control sockets of this board's daemons: where everything in the tables comes from, and where SETs go. */
export class Sources {
  readonly #netrack: NetrackClient;
  readonly #psrm: PsrmClient;
  readonly #redirect: ControlClient<RedirectMethods & RulesMethods, RedirectTopics>;
  readonly #geodhcp: GeoDhcpClient;
  readonly #timer: NodeJS.Timeout;
  readonly #handlers: SourceHandlers;

  constructor(runDir: string, handlers: SourceHandlers) {
    this.#handlers = handlers;
    const down = (daemon: Daemon) => () => handlers.onDown(daemon);
    this.#netrack = netrackClient(runDir, { ...options, onDown: down('netrack') });
    this.#psrm = psrmClient(runDir, { ...options, onDown: down('psrm') });
    this.#redirect = connectControl(`${runDir}/redirectd.sock`, {
      ...options,
      onDown: down('redirect'),
      onUp: () => {
        this.#askRedirect();
        handlers.onRedirectUp();
      },
    });
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
      () => this.#askRedirect(),
    );
    this.#timer = setInterval(() => {
      this.#askRedirect();
      this.#askGeoDhcp();
    }, EVERY_MS).unref();
  }

  /** Values of an agent behind, whole; what is lost on the way is told again. */
  tellFacts(agent: string, values: RulesMethods['snmpFacts']['params']['values']): void {
    if (this.#redirect.connected) void this.#redirect.call('snmpFacts', { agent, values });
  }

  #askRedirect(): void {
    if (!this.#redirect.connected) return;
    void this.#redirect.call('rules', {}).then((answer) => {
      if (answer.ok) this.#handlers.onRules(answer.value);
    });
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
    if (change.kind === 'admin') {
      const done = await this.#redirect.call('change', { kind: WISH[change.to], board: change.board }, late);
      return done.ok ? ok(done.value.message) : done;
    }
    if (change.kind === 'alarm-clear') {
      const { object, cause } = change.alarm;
      const cleared = await this.#netrack.call('wish', { kind: 'alarm-clear', object, cause }, late);
      return cleared.ok ? ok(cleared.value.message) : cleared;
    }
    if (change.kind === 'alarm-raise') {
      const raised = await this.#netrack.call('alarm', { alarm: change.alarm }, late);
      return raised.ok ? ok(`${change.alarm.cause} of ${change.alarm.object} is raised again`) : raised;
    }
    const { board, here, order, program } = change;
    if (here) {
      const ordered = await this.#psrm.call(order, { program }, late);
      return ordered.ok ? ok(`${order} ${program}`) : ordered;
    }
    const ordered = await this.#netrack.call('wishProgram', { board, program, order }, late);
    return ordered.ok ? ok(ordered.value.message) : ordered;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of [this.#netrack, this.#psrm, this.#redirect, this.#geodhcp]) client.close();
  }
}
