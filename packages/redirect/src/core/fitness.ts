import type { BoardId, Cluster, NetrackState, Program, Service } from '@softset/protocol';
import { type History, type Limits, REQUIRED_DAEMONS, type RequiredDaemon } from './history.js';

/** The programs of a service, as the cluster file describes them. */
export function programsOf(cluster: Cluster, service: Service): readonly Program[] {
  return cluster.programs.filter((program) => service.programs.includes(program.name));
}

/**
 * Why a board may not be given a service; undefined when it may. Only a board that is plainly alive is fit: one that
 * is silent, stalled or unheard may be anything.
 */
export function unfitToTake(cluster: Cluster, state: NetrackState, service: Service, id: BoardId): string | undefined {
  const board = state.boards.find((entry) => entry.board === id);
  if (board === undefined) return 'it is not known yet';
  if (board.verdict !== 'up' && board.verdict !== 'self') return `it is ${board.verdict}`;
  if (board.admin === 'maintenance') return 'it is in maintenance';
  const missing = neededDaemons(service, board.verdict === 'self').find((daemon) => !board.daemons.includes(daemon));
  return unfitEither(cluster, state, service, id) ?? (missing === undefined ? undefined : `its ${missing} is gone`);
}

/**
 * Why a *living* holder should give the service to another; undefined when it should keep it, or when it is not
 * plainly alive: then NETRACK's judgement and lease decide, and the phase says so. Maintenance means that a board is
 * left alone, with what it holds.
 */
export function unfitToKeep(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  service: Service,
  id: BoardId,
  nowMs: number,
  limits: Limits,
): string | undefined {
  const board = state.boards.find((entry) => entry.board === id);
  if (board === undefined || (board.verdict !== 'up' && board.verdict !== 'self')) return undefined;
  if (board.admin === 'maintenance') return undefined;
  const needed = neededDaemons(service, board.verdict === 'self');
  const gone = history.missing.find(
    (entry) => entry.board === id && needed.includes(entry.daemon) && nowMs - entry.sinceMs >= limits.daemonGraceMs,
  );
  return unfitEither(cluster, state, service, id) ?? (gone === undefined ? undefined : `its ${gone.daemon} is gone`);
}

/** A spare by an operator's wish: fit to take what no active board can. */
export function standsBy(state: NetrackState, id: BoardId): boolean {
  return state.boards.find((entry) => entry.board === id)?.admin === 'standby';
}

function unfitEither(cluster: Cluster, state: NetrackState, service: Service, id: BoardId): string | undefined {
  const board = state.boards.find((entry) => entry.board === id);
  if (board?.amnesiac === true) return 'it has lost its memory of votes';
  if (board?.leaving === true) return 'it is leaving';
  if (board?.admin === 'drained') return 'it is being drained';
  const failed = programsOf(cluster, service).find(({ name }) =>
    board?.programs.some((fact) => fact.program === name && fact.state === 'failed'),
  );
  return failed === undefined ? undefined : `its program ${failed.name} was given up`;
}

/**
 * Orders reach a board's agent through its netrackd; without redirectd nobody obeys them; without psrmd no program
 * starts or stops. Of the board that thinks this thought, netrackd and redirectd are plainly there.
 */
export function neededDaemons(service: Service, self: boolean): readonly RequiredDaemon[] {
  return REQUIRED_DAEMONS.filter((daemon) => (daemon === 'psrmd' ? service.programs.length > 0 : !self));
}

/** Whether every hot standby program of the service (`exclusive: address`) runs there now. */
export function isWarm(cluster: Cluster, state: NetrackState, service: Service, id: BoardId): boolean {
  const facts = state.boards.find((entry) => entry.board === id)?.programs ?? [];
  return programsOf(cluster, service)
    .filter((program) => program.exclusive === 'address')
    .every(({ name }) => facts.some((fact) => fact.program === name && ['up', 'ready'].includes(fact.state)));
}
