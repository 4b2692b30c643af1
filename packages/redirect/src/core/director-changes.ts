import {
  type BoardId,
  boardById,
  type Change,
  type Cluster,
  type NetrackState,
  onlyActiveOf,
  otherNetwork,
} from '@softset/protocol';
import type { Changing, DirectorEvent } from './director-state.js';
import { answer, type Turn } from './director-turn.js';

/**
 * Pins, what boards are given, and which network is preferred. A change is answered when NETRACK's state shows it and a majority has it on disk:
 * an operator who was told that a board is drained may pull it out.
 */
export function takeChange(turn: Turn, { id, who, change, rule }: Extract<DirectorEvent, { kind: 'change' }>) {
  const { config, effects, nowMs } = turn;
  const refuse = (message: string): void => void effects.push({ kind: 'answer-wish', id, ok: false, message });
  const wrong = whatIsWrong(config.cluster, change);
  if (wrong !== undefined) return refuse(wrong);
  const { seen } = turn.state;
  if (seen?.directing !== true) return refuse('NOT_DIRECTOR: this board does not direct now');
  const unfit = change.kind === 'leave' ? mayNotLeave(config.cluster, seen, change.board) : mayNotStandBy(turn, change);
  if (unfit !== undefined) return refuse(unfit);
  if (turn.state.changes.some((earlier) => earlier.id === id)) return;
  const earlier = turn.state.changes.find((one) => subject(one.change) === subject(change));
  const denied = rule === undefined ? undefined : ruleDenied(config.cluster, seen, change, earlier);
  if (denied !== undefined) return refuse(denied);
  if (earlier !== undefined) answer(turn, earlier.id, false, `REPLACED: ${who} wished otherwise`);
  if (turn.state.changes.length >= config.wishesMax) return refuse('BUSY: too many changes are waiting');
  turn.state = {
    ...turn.state,
    changes: [
      ...turn.state.changes,
      { id, who, change, untilMs: nowMs + config.wishMs, ...(rule === undefined ? {} : { rule }) },
    ],
  };
  // Told before it is written: a drained board of which nobody knows that a rule did it would wait for an operator.
  tellDrained(turn, seen, change, rule);
  tellPreferred(turn, seen, change, rule);
  effects.push({ kind: 'amend', change, who });
}

/**
 * Rules undo nothing that an operator did: whoever has a hand on a board must not see it given work, or emptied, under
 * that hand. That a rule drained a board is known by an alarm, which is in the register and outlives directors.
 */
function ruleDenied(
  cluster: Cluster,
  seen: NetrackState,
  change: Change,
  earlier: Changing | undefined,
): string | undefined {
  if (earlier !== undefined && earlier.rule === undefined) return 'BUSY: an operator is changing it';
  if (change.kind === 'prefer') {
    const byOperator = seen.prefers !== undefined && seen.prefers !== change.network && !preferredByRule(seen);
    return byOperator ? `BY_OPERATOR: an operator prefers network ${seen.prefers}` : undefined;
  }
  if (change.kind === 'leave' || change.kind === 'return') return 'FORBIDDEN: membership is for operators';
  if (change.kind !== 'admin') return 'FORBIDDEN: pins are for operators';
  const name = boardById(cluster, change.board)?.name ?? '';
  const admin = seen.boards.find(({ board }) => board === change.board)?.admin;
  if (admin === 'maintenance') return `BY_OPERATOR: ${name} is in maintenance`;
  if (admin === 'standby') return `BY_OPERATOR: ${name} stands by`;
  const byOperator = admin === 'drained' && !drainedByRule(cluster, seen, change.board);
  return change.admin === 'in-service' && byOperator ? `BY_OPERATOR: ${name} was drained by an operator` : undefined;
}

const DRAINED = 'DRAINED_BY_RULE';

function objectOf(cluster: Cluster, board: BoardId): string {
  return `board/${boardById(cluster, board)?.name ?? board}`;
}

function drainedByRule(cluster: Cluster, seen: NetrackState, board: BoardId): boolean {
  const object = objectOf(cluster, board);
  return seen.alarms.some((alarm) => alarm.cause === DRAINED && alarm.object === object);
}

function tellDrained({ config: { cluster }, effects }: Turn, seen: NetrackState, change: Change, rule?: string): void {
  if (change.kind !== 'admin' || change.admin !== 'drained') return;
  const object = objectOf(cluster, change.board);
  const stands = drainedByRule(cluster, seen, change.board);
  if (rule === undefined) {
    const text = `${object}: an operator drained it, and gives it work again`;
    if (stands) effects.push({ kind: 'alarm', object, cause: DRAINED, severity: 'cleared', text });
    return;
  }
  const drained = seen.boards.some(({ board, admin }) => board === change.board && admin === 'drained');
  if (stands || drained) return;
  const name = boardById(cluster, change.board)?.name;
  const text = `rule "${rule}" drained ${name}: it holds and is given nothing until that rule or an operator activates it`;
  effects.push({ kind: 'alarm', object, cause: DRAINED, severity: 'warning', text });
}

const PREFERRED = 'PREFERRED_BY_RULE';

function preferredByRule(seen: NetrackState): boolean {
  return seen.alarms.some(({ cause, object }) => cause === PREFERRED && object === `network/${seen.prefers ?? 'A'}`);
}

/** As with drained boards: that a rule did it is known by an alarm, and what an operator then wishes is an operator's. */
function tellPreferred({ effects }: Turn, seen: NetrackState, change: Change, rule?: string): void {
  if (change.kind !== 'prefer') return;
  const { network } = change;
  const object = `network/${network}`;
  const stands = seen.alarms.some((alarm) => alarm.cause === PREFERRED && alarm.object === object);
  if (rule === undefined) {
    const text = `${object}: an operator prefers it`;
    if (stands) effects.push({ kind: 'alarm', object, cause: PREFERRED, severity: 'cleared', text });
    return;
  }
  if (stands || network === 'A' || seen.prefers === network) return;
  const text = `rule "${rule}" prefers network ${network}: traffic leaves ${otherNetwork(network)} until that rule or an operator prefers it again`;
  effects.push({ kind: 'alarm', object, cause: PREFERRED, severity: 'warning', text });
}

/** What rules preferred and is preferred no more. */
export function preferencesThatEnded({ state }: Turn, seen: NetrackState): readonly string[] {
  if (state.changes.some(({ change }) => change.kind === 'prefer')) return [];
  return seen.alarms.flatMap(({ object, cause }) =>
    cause === PREFERRED && object !== `network/${seen.prefers ?? 'A'}` ? [object] : [],
  );
}

/** Boards that a rule drained and that are drained no more, whoever gave them work: their alarms are over. */
export function drainsThatEnded({ config: { cluster }, state }: Turn, seen: NetrackState): readonly string[] {
  return seen.alarms.flatMap(({ object, cause }) => {
    const board = seen.boards.find((one) => object === objectOf(cluster, one.board));
    if (cause !== DRAINED || board?.admin === 'drained') return [];
    const asked = state.changes.some(({ change }) => change.kind === 'admin' && change.board === board?.board);
    return asked ? [] : [object];
  });
}

/** Services first: NETRACK takes the vote of a board that holds nothing, and never the last one. */
function mayNotLeave(cluster: Cluster, seen: NetrackState, id: BoardId): string | undefined {
  const gone = (board: BoardId): boolean => seen.boards.find((one) => one.board === board)?.left === true;
  if (gone(id)) return undefined;
  const name = boardById(cluster, id)?.name;
  const voters = cluster.boards.filter((board) => board.vote && !gone(board.id));
  if (voters.length === 1 && voters[0]?.id === id) return `LAST_VOTE: ${name} has the only vote`;
  const admin = seen.boards.find(({ board }) => board === id)?.admin;
  if (admin !== 'drained') return `NOT_DRAINED: ${name} is ${admin}; drain it first`;
  const held = seen.services.filter(({ holder, next }) => holder?.board === id || next?.board === id);
  const still = held.filter(({ phase }) => phase !== 'free').map(({ service }) => service);
  return still.length === 0 ? undefined : `NOT_DRAINED: ${name} still holds ${still.join(', ')}`;
}

/** A spare is one beside somebody active: with what was asked before and is not written yet. */
function mayNotStandBy({ config: { cluster }, state }: Turn, change: Change): string | undefined {
  if (change.kind !== 'admin' || change.admin !== 'standby') return undefined;
  // Who asks twice is told twice.
  if (state.seen?.boards.some(({ board, admin }) => board === change.board && admin === 'standby')) return undefined;
  const boards = (state.seen?.boards ?? []).map(({ board, admin, left }) => {
    const asked = state.changes.find((one) => one.change.kind === 'admin' && one.change.board === board)?.change;
    return { board, admin: asked?.kind === 'admin' ? asked.admin : admin, left };
  });
  const alone = onlyActiveOf(cluster, boards, change.board);
  if (alone === undefined) return undefined;
  const name = boardById(cluster, change.board)?.name;
  return `LAST_ACTIVE: no other board of ${alone.name}'s pool is active beside ${name}; activate one first`;
}

/** What a change is about: of two about the same the later counts. */
function subject(change: Change): string {
  if (change.kind === 'prefer') return 'network';
  if (change.kind === 'leave' || change.kind === 'return') return `vote ${change.board}`;
  return change.kind === 'admin' ? `board ${change.board}` : `service ${change.service}`;
}

function whatIsWrong(cluster: Cluster, change: Change): string | undefined {
  if (change.kind === 'prefer') return undefined;
  if (change.kind !== 'pin' && change.kind !== 'unpin') {
    return boardById(cluster, change.board) ? undefined : `UNKNOWN_BOARD: no board ${change.board}`;
  }
  const service = cluster.services.find((entry) => entry.name === change.service);
  if (service === undefined) return `UNKNOWN_SERVICE: no service "${change.service}"`;
  if (change.kind === 'unpin' || service.pool.includes(change.board)) return undefined;
  const name = boardById(cluster, change.board)?.name ?? `board ${change.board}`;
  return `NOT_IN_POOL: ${name} is not in the pool of ${service.name}`;
}

/** Answers the changes that are written down. */
export function followChanges(turn: Turn, seen: NetrackState): void {
  for (const changing of turn.state.changes) {
    if (!shows(seen, changing.change)) continue;
    const index = changing.index ?? seen.register.index;
    if ((seen.register.committed ?? 0) >= index) {
      answer(turn, changing.id, true, told(turn.config.cluster, changing.change));
      continue;
    }
    if (changing.index !== undefined) continue;
    const changes = turn.state.changes.map((one) => (one.id === changing.id ? { ...one, index } : one));
    turn.state = { ...turn.state, changes };
  }
}

function shows(seen: NetrackState, change: Change): boolean {
  if (change.kind === 'prefer') return (seen.prefers ?? 'A') === change.network;
  if (change.kind === 'leave' || change.kind === 'return') {
    return (seen.boards.find(({ board }) => board === change.board)?.left === true) === (change.kind === 'leave');
  }
  if (change.kind === 'admin') return seen.boards.find(({ board }) => board === change.board)?.admin === change.admin;
  const pin = seen.services.find(({ service }) => service === change.service)?.pin;
  return pin === (change.kind === 'pin' ? change.board : undefined);
}

function told(cluster: Cluster, change: Change): string {
  const name =
    change.kind === 'unpin' || change.kind === 'prefer' ? '' : (boardById(cluster, change.board)?.name ?? '');
  switch (change.kind) {
    case 'pin':
      return `${change.service} is pinned to ${name}: its next choice goes there where it can`;
    case 'unpin':
      return `${change.service} is pinned no more`;
    case 'prefer':
      return `network ${change.network} is preferred: addresses and traffic between boards take it while it works`;
    case 'leave':
      return `${name} has left: its vote counts nowhere, and that it is not there is no fault`;
    case 'return':
      return `${name} is a member again: its vote counts`;
    case 'admin':
      return {
        'in-service': `${name} is in service: it is given work again`,
        maintenance: `${name} is in maintenance: it is left alone with what it holds, and given nothing`,
        drained: `${name} is drained: it gives up what others can take, and is given nothing`,
        standby: `${name} stands by: active boards take what it holds, and it takes what none of them can`,
      }[change.admin];
  }
}
