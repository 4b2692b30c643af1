import { type Alarm, type AlarmCause, type BoardId, compareVersions, type Register } from '@softset/protocol';
import { directorMissed, stepDown } from './elect.js';
import { nameSelf } from './register.js';
import { majorityOf, membershipOf, peerOf, voters, votesPresent, withServices } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** Who is there is asked for so long for what it knows, and told for so long what was forced, in leases. */
const ASK_LEASES = 2;
const TELL_LEASES = 4;
/** Pause between questions, and between tellings, ms. */
const EVERY_MS = 50;
export const FORCED: AlarmCause = 'QUORUM_FORCED';

/**
 * `softset quorum force`: an operator says that the votes which are not there are gone for good.
 *
 * ```
 *   no quorum ── force ──► asking what the others know ── two leases ──► told: left boards marked, in a term of its own
 *                                                                          │
 *       the ordinary election, by the votes that are left (T1, T2) ◄───────┘
 * ```
 * No rule stands behind it, and none can: if a majority lives where it is not heard, both serve until they hear each
 * other, when the higher term wins and the later grant stays. That is what the operator is warned of, and an alarm says
 * who did it. Boards that lost their memory get a new one (T4): nobody is left who could know better.
 */
export function beginForce(
  state: ClusterState,
  { id, who }: { id: number; who: string },
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const refuse = (code: string, message: string): ClusterEffect[] => [{ kind: 'not-forced', id, code, message }];
  if (!state.report || !state.pulseUp || state.report.doubt || state.force !== undefined)
    return refuse('NOT_READY', 'this board is not sure yet whom it hears, or forces already; try again');
  if (state.report.boards.some(({ verdict }) => verdict === 'unknown'))
    return refuse('NOT_READY', 'not all boards are judged yet; try again');
  if (votesPresent(state, config).length >= majorityOf(state, config))
    return refuse('HAS_QUORUM', 'a majority of the votes is there; nothing has to be forced');
  if (config.cluster.boards.find((board) => board.id === config.self)?.vote !== true)
    return refuse('NO_VOTE', 'this board never votes: say it on one that does, see softset quorum status');
  state.force = { id, who, sinceMs: nowMs, register: state.register, untilMs: Number.POSITIVE_INFINITY };
  return [{ kind: 'log', event: 'quorum-force-asked', fields: { who } }, ...ask(state, nowMs)];
}

function ask(state: ClusterState, nowMs: number): ClusterEffect[] {
  if (!state.report) return [];
  state.amnesia.askedMs = nowMs;
  const { boot, incarnation } = state.report;
  return [{ kind: 'send', to: 'all', message: { kind: 'remember', boot, incarnation } }];
}

/** What another board knows, while that is asked for. */
export function hearOfRegister(state: ClusterState, register: Register | undefined, config: ClusterConfig): void {
  const { force } = state;
  if (!force?.register || register?.cluster !== config.cluster.number) return;
  if (compareVersions(register, force.register) > 0) force.register = register;
}

export function tendForce(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { force } = state;
  if (!force) return [];
  const { leaseMs } = config.cluster.timing;
  if (force.register) {
    if (nowMs - force.sinceMs < ASK_LEASES * leaseMs)
      return nowMs - state.amnesia.askedMs < EVERY_MS ? [] : ask(state, nowMs);
    return decide(state, force.register, nowMs, config);
  }
  if (nowMs >= force.untilMs || state.role === 'director') {
    state.force = undefined;
    return [];
  }
  if (nowMs - state.amnesia.askedMs < EVERY_MS) return [];
  state.amnesia.askedMs = nowMs;
  return tell(state, config);
}

function decide(state: ClusterState, newest: Register, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { force } = state;
  if (!force) return [];
  // Meanwhile somebody may have come back.
  if (votesPresent(state, config).length >= majorityOf(state, config)) {
    state.force = undefined;
    return [
      { kind: 'not-forced', id: force.id, code: 'HAS_QUORUM', message: 'a majority came back; nothing was forced' },
    ];
  }
  const here = present(state, config);
  const left = config.cluster.boards.filter(({ id, vote }) => vote && !here.includes(id)).map(({ id }) => id);
  const term = Math.max(state.term, state.seenTerm, state.memory.term, newest.term) + 1;
  const marked = withServices(newest, config);
  const register: Register = {
    ...marked,
    term,
    index: 1,
    members: marked.members.map(({ left: _, ...member }) =>
      here.includes(member.board) || !member.vote ? member : { ...member, left: true as const },
    ),
    alarms: [...marked.alarms.filter(({ cause }) => cause !== FORCED), alarmOf(force.who, left, config)],
  };
  state.force = { ...force, register: undefined, untilMs: nowMs + TELL_LEASES * config.cluster.timing.leaseMs };
  return [
    { kind: 'log', event: 'quorum-forced', fields: { who: force.who, term, left } },
    ...adopt(state, register, nowMs, config),
    ...tell(state, config),
    { kind: 'forced', id: force.id, left },
  ];
}

/** Voters of the file that are up, whatever they remember, and this board. */
function present(state: ClusterState, config: ClusterConfig): BoardId[] {
  return config.cluster.boards
    .filter(({ id, vote }) => vote && (id === config.self || peerOf(state, id)?.verdict === 'up'))
    .map(({ id }) => id);
}

function alarmOf(who: string, left: readonly BoardId[], config: ClusterConfig): Alarm {
  const names = left.map((id) => config.cluster.boards.find((board) => board.id === id)?.name ?? `${id}`);
  return {
    object: `cluster/${config.cluster.name}`,
    cause: FORCED,
    severity: 'critical',
    text: `${who} forced a quorum on ${config.cluster.boards.find(({ id }) => id === config.self)?.name}: votes of ${names.join(', ')} were taken`.slice(
      0,
      1000,
    ),
    raisedAtMs: 0,
    raisedBy: config.self,
  };
}

function tell(state: ClusterState, config: ClusterConfig): ClusterEffect[] {
  const { register } = state;
  return voters(state, config)
    .filter((id) => id !== config.self)
    .map((to) => ({ kind: 'send', to, message: { kind: 'force', register } }) as const);
}

/** Whoever follows a director that is well knows better than the operator; all others do as they are told. */
export function hearForce(
  state: ClusterState,
  register: Register,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const known = register.term <= Math.max(state.term, state.memory.term, state.register.term);
  if (register.cluster !== config.cluster.number || known) return [];
  if (!voters({ register }, config).includes(config.self)) return [];
  const proven = state.role === 'director' && state.pace !== undefined && state.pace.proofUntilMs > nowMs;
  if (proven || (state.role === 'follower' && directorMissed(state, nowMs, config) === undefined))
    return [{ kind: 'log', event: 'force-ignored', fields: { term: register.term } }];
  return [
    { kind: 'log', event: 'quorum-forced', fields: { term: register.term } },
    ...adopt(state, withServices(register, config), nowMs, config),
  ];
}

function adopt(state: ClusterState, register: Register, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { term } = register;
  const effects = stepDown(state, term, 0, 'a quorum was forced', nowMs);
  state.register = register;
  state.memory = { cluster: config.cluster.number, term, candidate: 0 };
  state.amnesiac = false;
  state.unkept = { term, index: register.index, membership: membershipOf(register) };
  return [
    ...effects,
    { kind: 'keep-register', register, answer: true },
    { kind: 'keep-vote', memory: state.memory },
    { kind: 'pulse', request: { kind: 'follow', id: state.nextId++, term, director: 0 } },
    { kind: 'pulse', request: { kind: 'memory', amnesiac: false } },
    nameSelf(state, config),
  ];
}
