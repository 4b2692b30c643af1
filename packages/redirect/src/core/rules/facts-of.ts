import type { BoardId, Cluster, NetrackState } from '@softset/protocol';
import { faultKinds } from '@softset/protocol/rules-facts.js';
import type { FactValue } from './facts.js';

/** Wall time in the director's zone; a second, named input. */
export interface WallTime {
  readonly hour: number;
  readonly minute: number;
  readonly weekday: string;
}

/** Values of SNMP variables as somebody delivers them: `switch-a` → `ifInErrors.12` → 3. The seam to SNMP/ag. */
export type SnmpFacts = ReadonlyMap<string, ReadonlyMap<string, FactValue>>;

/**
 * Everything that is known now, by name; what is missing is unknown. NETRACK's snapshot carries PSRM's programs too.
 * `faults` lists what faults are asked for (`link-failed.cpu-1:A`): those that are not named are false, not unknown.
 */
export function factsOf(
  cluster: Cluster,
  state: NetrackState,
  asked: ReadonlySet<string>,
  resting: readonly string[],
  wall: WallTime | undefined,
  snmp: SnmpFacts = new Map(),
): ReadonlyMap<string, FactValue> {
  const facts = new Map<string, FactValue>();
  const names = new Map<BoardId, string>(cluster.boards.map((board) => [board.id, board.name]));
  const nameOf = (id: BoardId | undefined): string => (id === undefined ? 'none' : (names.get(id) ?? 'none'));
  for (const board of state.boards) boardFacts(facts, board, state);
  for (const { service, phase, holder, pin } of state.services) {
    const at = `service.${service}`;
    if (phase !== 'unknown') facts.set(`${at}.state`, phase);
    if (phase !== 'unknown') facts.set(`${at}.holder`, nameOf(holder?.board));
    facts.set(`${at}.pin`, nameOf(pin));
    facts.set(`${at}.resting`, resting.includes(service));
  }
  for (const network of ['A', 'B'] as const) {
    const fault = state.faults.find((one) => one.target === network && one.kind.startsWith('network-'));
    facts.set(
      `network.${network}.state`,
      fault === undefined ? 'up' : fault.kind === 'network-mute' ? 'mute' : 'failed',
    );
  }
  facts.set('cluster.director', nameOf(state.director === 0 ? undefined : state.director));
  facts.set('cluster.term', state.term);
  facts.set('cluster.votes', state.quorum.present);
  for (const fact of asked) {
    const fault = /^fault\.([a-z-]+)\.(.+)$/.exec(fact);
    if (fault && (faultKinds as readonly string[]).includes(fault[1] ?? '')) {
      facts.set(
        fact,
        state.faults.some((one) => one.kind === fault[1] && one.target === fault[2]),
      );
    }
    const alarm = /^alarm\.(.+)\.([A-Z0-9_]+)$/.exec(fact);
    if (alarm) {
      const standing = state.alarms.find((one) => one.object === alarm[1] && one.cause === alarm[2]);
      facts.set(fact, standing === undefined || standing.severity === 'cleared' ? 'none' : standing.severity);
    }
  }
  if (wall !== undefined) {
    facts.set('time.hour', wall.hour);
    facts.set('time.minute', wall.minute);
    facts.set('time.weekday', wall.weekday);
  }
  for (const [agent, variables] of snmp)
    for (const [object, value] of variables) facts.set(`snmp.${agent}.${object}`, value);
  return facts;
}

function boardFacts(facts: Map<string, FactValue>, board: NetrackState['boards'][number], state: NetrackState): void {
  const at = `board.${board.name}`;
  if (board.verdict !== 'unknown') facts.set(`${at}.state`, board.verdict === 'self' ? 'up' : board.verdict);
  facts.set(`${at}.maintenance`, board.admin === 'maintenance');
  facts.set(`${at}.drained`, board.admin === 'drained');
  facts.set(`${at}.amnesiac`, board.amnesiac);
  facts.set(`${at}.leaving`, board.leaving);
  const held = state.services.filter(
    ({ phase, holder, next }) =>
      next?.board === board.board || (phase !== 'free' && next === undefined && holder?.board === board.board),
  );
  facts.set(`${at}.services`, held.length);
  const holds = state.services.filter(
    ({ phase, holder }) => phase !== 'unknown' && holder?.board === board.board,
  ).length;
  // Where a holder is not known, none is no answer; some is.
  const allKnown = state.services.every(({ phase }) => phase !== 'unknown');
  if (holds > 0 || allKnown) facts.set(`${at}.holds`, holds);
  const alive = board.verdict === 'up' || board.verdict === 'self';
  for (const network of ['A', 'B'] as const) facts.set(`${at}.path.${network}`, board.paths[network]);
  // Of a board that is not heard nobody knows how it feels and what runs there.
  if (!alive) return;
  facts.set(`${at}.health`, board.health);
  for (const daemon of ['netrackd', 'redirectd', 'psrmd'] as const) {
    facts.set(`${at}.daemon.${daemon}`, board.daemons.includes(daemon));
  }
  for (const { program, state: is, restarts } of board.programs) {
    facts.set(`program.${program}.${board.name}.state`, is);
    facts.set(`program.${program}.${board.name}.restarts`, restarts);
  }
}

/** What changed from one snapshot to the next; undefined: known no more. */
export function changedFacts(
  before: ReadonlyMap<string, FactValue>,
  after: ReadonlyMap<string, FactValue>,
): ReadonlyMap<string, FactValue | undefined> {
  const changes = new Map<string, FactValue | undefined>();
  for (const [fact, value] of after) if (before.get(fact) !== value) changes.set(fact, value);
  for (const fact of before.keys()) if (!after.has(fact)) changes.set(fact, undefined);
  return changes;
}
