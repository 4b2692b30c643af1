import { DAEMONS } from '@softset/protocol/beat.js';
import { type BoardId, type Cluster, NETWORKS } from '@softset/protocol/cluster.js';
import type { Fault } from '@softset/protocol/methods/netrack.js';
import type { PulseBoard, PulseReport } from '@softset/protocol/pulse-socket.js';
import { evidence, type Matrix, matrixOf } from './matrix.js';
import { diagnoseNetwork } from './networks.js';

/** Boards that fall silent within so many intervals of one another did so for one reason. */
const TOGETHER_INTERVALS = 3;

/**
 * Names what is wrong, from the whole matrix "who hears whom, on which network" (002 ¶0024, ¶0027, Fig. 8). One cause
 * gives one fault: a dead switch is one network, not a link of each board, and a dead board is no link at all. The
 * exception is the lack of a quorum, which is told beside its cause because it says what the cluster can still do.
 *
 * `sinceMs` is the pulse's own time where it has one, and `nowMs` otherwise; `FaultBook` keeps it from moving.
 */
export function diagnose(
  cluster: Cluster,
  self: BoardId,
  everything: PulseReport,
  nowMs: number,
  left: readonly BoardId[] = [],
): Fault[] {
  // Who left for good and is not there is where it should be.
  const isGone = ({ board, verdict }: PulseBoard): boolean => left.includes(board) && verdict !== 'up';
  const report = { ...everything, boards: everything.boards.filter((board) => !isGone(board)) };
  const matrix = matrixOf(cluster, self, report);
  const differing = differences(report, nowMs);
  if (report.isolated) {
    // It hears nobody: all that it could say of the others is a guess, and they may well be in good health.
    const carriers = NETWORKS.map((n) => `${n} ${report.carrier[n] ? 'has' : 'has no'} carrier`).join(', ');
    const text = evidence(`${matrix.name(self)} hears nobody and no kernel answers; ${carriers}`);
    return [{ kind: 'board-isolated', target: matrix.name(self), sinceMs: nowMs, evidence: text }, ...differing];
  }
  const networks = NETWORKS.flatMap((n) => diagnoseNetwork(matrix, n)).map((fault) => ({ ...fault, sinceMs: nowMs }));
  const boards = boardFaults(cluster, matrix, report, networks, nowMs);
  return [
    ...networks,
    ...boards,
    ...daemons(cluster, matrix, report, nowMs),
    ...quorum(cluster, matrix, report, nowMs, left),
    ...differing,
  ];
}

function boardFaults(
  cluster: Cluster,
  matrix: Matrix,
  report: PulseReport,
  networks: readonly Fault[],
  nowMs: number,
): Fault[] {
  const lost = report.boards.filter((board) => board.verdict === 'down' && !board.leaving);
  const explained = cannotHear(matrix, networks);
  const unheard = report.boards.filter((board) => board.verdict === 'unheard' && !explained);
  const cut = [
    ...together(lost, cluster.timing.intervalMs * TOGETHER_INTERVALS),
    ...(unheard.length > 1 ? unheard : []),
  ];
  const faults = [...partition(matrix, cut, nowMs)];
  for (const board of [...lost, ...unheard].filter((b) => !cut.includes(b))) faults.push(boardFault(matrix, board));
  for (const board of report.boards) if (board.verdict === 'stalled') faults.push(boardFault(matrix, board));
  return faults;
}

const WORDS = {
  down: ['board-failed', 'heard by nobody on A or B, and its kernel does not answer'],
  unheard: ['board-unheard', 'not heard here on A or B, and heard by another board'],
  stalled: ['board-stalled', 'sends no beats, and its kernel answers'],
} as const;

function boardFault(matrix: Matrix, board: PulseBoard): Fault {
  const name = matrix.name(board.board);
  const [kind, words] = WORDS[board.verdict === 'unheard' || board.verdict === 'stalled' ? board.verdict : 'down'];
  const more = board.verdict === 'stalled' && board.pulseDead ? ': its pulse has ended' : '';
  return { kind, target: name, sinceMs: board.sinceMs, evidence: evidence(`${name} ${words}${more}`) };
}

/** On each network a fault that is named already keeps this board from hearing others. */
function cannotHear(matrix: Matrix, networks: readonly Fault[]): boolean {
  return NETWORKS.every((n) =>
    networks.some(
      ({ kind, target }) =>
        ((kind === 'network-failed' || kind === 'network-mute') && target === n) ||
        (kind === 'link-failed' && target === `${matrix.name(matrix.self)}:${n}`) ||
        (kind === 'one-way' && target === `${matrix.name(matrix.self)}:${n}`),
    ),
  );
}

/** Those among `boards` that fell silent within `withinMs` of another: none, or two and more. */
function together(boards: readonly PulseBoard[], withinMs: number): PulseBoard[] {
  return boards.filter((a) => boards.some((b) => b !== a && Math.abs(a.sinceMs - b.sinceMs) <= withinMs));
}

/**
 * Two sets of boards that hear one another on no network. The other set's word does not reach us: that several boards
 * fell silent at once, or that boards which hear us are not heard back by others we hear, is what can be seen of it.
 */
function partition(matrix: Matrix, cut: readonly PulseBoard[], nowMs: number): Fault[] {
  const near = reachable(matrix);
  const far = [...matrix.live.filter((id) => !near.has(id)), ...cut.map((board) => board.board)].sort((a, b) => a - b);
  if (far.length === 0) return [];
  const sinceMs = Math.min(nowMs, ...cut.map((board) => board.sinceMs));
  const names = far.map(matrix.name).join(', ');
  const text = evidence(`cut off from ${near.size} boards on A and B at once: ${names}`);
  return [{ kind: 'partition', target: matrix.name(far[0] ?? 0), sinceMs, evidence: text }];
}

/** Boards that this one reaches and that reach it, directly or by others, whichever network each step takes. */
function reachable(matrix: Matrix): Set<BoardId> {
  const found = new Set([matrix.self]);
  const hears = (x: BoardId, y: BoardId): boolean => NETWORKS.some((n) => matrix.hears(x, y, n));
  for (const x of found) {
    for (const y of matrix.live) if (!found.has(y) && hears(x, y) && hears(y, x)) found.add(y);
  }
  return found;
}

function daemons(cluster: Cluster, matrix: Matrix, report: PulseReport, nowMs: number): Fault[] {
  return matrix.live.flatMap((id): Fault[] => {
    const { daemons: present, leaving } = matrix.board(id) ?? { daemons: report.daemons, leaving: false };
    // netrackd belongs on every board; the others where they have something to do.
    const wanted = {
      netrackd: true,
      redirectd: cluster.services.some((service) => service.pool.includes(id)),
      psrmd: cluster.programs.some((program) => program.boards.includes(id)),
    };
    const missing = DAEMONS.filter((daemon) => wanted[daemon] && !present.includes(daemon));
    if (missing.length === 0 || leaving) return [];
    const name = matrix.name(id);
    const text = evidence(`${name} beats, but not heard of within 1 s there: ${missing.join(', ')}`);
    return [{ kind: 'daemon-lost', target: name, sinceMs: nowMs, evidence: text }];
  });
}

function quorum(
  cluster: Cluster,
  matrix: Matrix,
  report: PulseReport,
  nowMs: number,
  left: readonly BoardId[],
): Fault[] {
  const voters = cluster.boards.filter(({ id, vote }) => vote && !left.includes(id));
  const amnesiac = (id: BoardId): boolean =>
    id === matrix.self ? report.amnesiac : matrix.board(id)?.amnesiac === true;
  const present = voters.filter(({ id }) => matrix.live.includes(id) && !amnesiac(id)).length;
  const needed = Math.floor(voters.length / 2) + 1;
  if (present >= needed) return [];
  const text = evidence(`${present} of ${voters.length} votes present, ${needed} needed`);
  return [{ kind: 'no-quorum', target: cluster.name, sinceMs: nowMs, evidence: text }];
}

/** The pulse compares the configurations' hashes; what it found arrives among its alarms. */
function differences(report: PulseReport, nowMs: number): Fault[] {
  return report.alarms
    .filter((alarm) => alarm.cause === 'CONFIG_DIFFERS')
    .map(({ object, text }) => ({ kind: 'config-differs', target: object, sinceMs: nowMs, evidence: evidence(text) }));
}
