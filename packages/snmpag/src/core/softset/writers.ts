import {
  ADMINS,
  type Admin,
  type Alarm,
  boardById,
  onlyActiveOf,
  type ProgramState,
  type ProgramVerb,
} from '@softset/protocol';
import { ERROR } from '../agentx/errors.js';
import type { Value } from '../agentx/value.js';
import type { Refused, Written } from '../mib/view.js';
import type { Facts } from './facts.js';
import { boardTable } from './mib/boards.js';
import type { BoardRow, ProgramRow, ServiceRow } from './rows.js';

/** What SETs do. Each says how it is undone, as far as it can be: by what stood when it was tested. */
export type Change =
  | {
      readonly kind: 'move';
      readonly service: string;
      readonly to: string;
      /** The holder before; undefined where there was none, and then nothing can be undone. */
      readonly from: string | undefined;
    }
  | {
      readonly kind: 'program';
      readonly program: string;
      readonly board: string;
      /** Of the reporting board: its own psrmd is asked, another's by way of NETRACK. */
      readonly here: boolean;
      readonly order: ProgramVerb;
      readonly wanted: boolean;
    }
  | { readonly kind: 'admin'; readonly board: string; readonly to: Admin; readonly from: Admin }
  /** An alarm off the register, or there again as it was. */
  | { readonly kind: 'alarm-clear'; readonly alarm: Alarm }
  | { readonly kind: 'alarm-raise'; readonly alarm: Alarm };

const no = (error: number, why: string): Refused => ({ ok: false, error, why });

const ORDERS: Readonly<Record<number, ProgramVerb>> = { 2: 'start', 3: 'stop', 4: 'restart' };

/** softsetAlarmOrder's. */
const CLEAR = 2;

/** As far as another board can tell what its psrmd keeps running. */
const NOT_WANTED: readonly ProgramState[] = ['stopped', 'stopping', 'failed'];

/** SET of softsetProgramOrder. */
export function orderWriter({ cluster, netrack, psrm }: Facts) {
  return ({ program, board: id, here, fact, status }: ProgramRow, value: Value): Written => {
    if (value.type !== 'integer') return no(ERROR.wrongType, 'an INTEGER is needed');
    const order = ORDERS[value.value];
    if (order === undefined) return no(ERROR.wrongValue, `${value.value} is no order; 2, 3 and 4 are`);
    const board = boardById(cluster, id)?.name ?? '';
    const seen = netrack.value?.boards.find((one) => one.board === id);
    if (here && psrm.connection !== 'connected') return no(ERROR.resourceUnavailable, 'psrmd does not answer');
    if (!here) {
      if (netrack.connection !== 'connected') return no(ERROR.resourceUnavailable, 'netrackd does not answer');
      if (seen?.verdict !== 'up') return no(ERROR.resourceUnavailable, `${board} is ${seen?.verdict ?? 'unknown'}`);
      if (!seen.daemons.includes('psrmd')) return no(ERROR.resourceUnavailable, `psrmd of ${board} does not answer`);
    }
    if (fact === undefined) return no(ERROR.inconsistentValue, `psrmd of ${board} does not know this program`);
    const wanted = status?.wanted ?? !NOT_WANTED.includes(fact.state);
    const change: Change = { kind: 'program', program: program.name, board, here, order, wanted };
    return { ok: true, key: `program ${board} ${program.name}`, change };
  };
}

/** SET of softsetServiceHolderWanted: what the director would refuse for good is refused here at once. */
export function holderWriter({ cluster, netrack, redirect }: Facts) {
  return ({ service, state }: ServiceRow, value: Value): Written => {
    if (value.type !== 'gauge32') return no(ERROR.wrongType, 'an Unsigned32 is needed');
    const board = boardById(cluster, value.value);
    if (board === undefined) return no(ERROR.wrongValue, `there is no board ${value.value}`);
    if (!service.pool.includes(board.id)) {
      return no(ERROR.inconsistentValue, `${board.name} is not in the pool of ${service.name}`);
    }
    if (netrack.connection !== 'connected' || redirect.connection !== 'connected') {
      return no(ERROR.resourceUnavailable, 'netrackd or redirectd does not answer');
    }
    if (netrack.value?.director === 0) return no(ERROR.resourceUnavailable, 'no board directs now');
    const seen = netrack.value?.boards.find((one) => one.board === board.id);
    if (seen?.verdict !== 'up' && seen?.verdict !== 'self') {
      return no(ERROR.inconsistentValue, `${board.name} is ${seen?.verdict ?? 'unknown'}`);
    }
    const from = boardById(cluster, state?.holder?.board ?? 0)?.name;
    const change: Change = { kind: 'move', service: service.name, to: board.name, from };
    return { ok: true, key: `service ${service.name}`, change };
  };
}

/** softsetBoardAdmin's word for what the register calls `in-service` (000 Figs 4, 6). */
export const adminWord = (admin: Admin | undefined) => (admin === 'in-service' ? 'active' : admin);

/** SET of softsetBoardAdmin. */
export function adminWriter({ cluster, netrack, redirect }: Facts) {
  const numbers: Readonly<Record<string, number>> = boardTable.columns.softsetBoardAdmin.syntax.values;
  return ({ board, state }: BoardRow, value: Value): Written => {
    if (value.type !== 'integer') return no(ERROR.wrongType, 'an INTEGER is needed');
    const to = ADMINS.find((admin) => numbers[adminWord(admin) ?? ''] === value.value);
    if (to === undefined) return no(ERROR.wrongValue, `${value.value} is no state; 1 to 4 are`);
    if (netrack.connection !== 'connected' || redirect.connection !== 'connected') {
      return no(ERROR.resourceUnavailable, 'netrackd or redirectd does not answer');
    }
    if (netrack.value?.director === 0) return no(ERROR.resourceUnavailable, 'no board directs now');
    if (state === undefined) return no(ERROR.inconsistentValue, `nothing is known of ${board.name} yet`);
    const change: Change = { kind: 'admin', board: board.name, to, from: state.admin };
    const done = { ok: true, key: `board ${board.name}`, change } as const;
    if (to !== 'standby' || state.admin === 'standby') return done;
    const standing = (changes: readonly Change[]) =>
      (netrack.value?.boards ?? []).map((one) => {
        const asked = changes.find((other) => other.kind === 'admin' && other.board === one.name);
        return { ...one, admin: asked?.kind === 'admin' ? asked.to : one.admin };
      });
    const check = (changes: readonly unknown[]): Refused | undefined => {
      const alone = onlyActiveOf(cluster, standing(changes as readonly Change[]), board.id);
      return alone && no(ERROR.inconsistentValue, `no other board of ${alone.name}'s pool would be active`);
    };
    // The director looks at one at a time: whoever becomes active in its place does so first.
    return { ...done, check, last: true };
  };
}

/** SET of softsetAlarmOrder. */
export function alarmWriter({ netrack }: Facts) {
  return (alarm: Alarm, value: Value): Written => {
    if (value.type !== 'integer') return no(ERROR.wrongType, 'an INTEGER is needed');
    if (value.value !== CLEAR) return no(ERROR.wrongValue, `${value.value} is no order; 2 is`);
    if (netrack.connection !== 'connected') return no(ERROR.resourceUnavailable, 'netrackd does not answer');
    if (netrack.value?.director === 0) return no(ERROR.resourceUnavailable, 'no board directs now');
    return { ok: true, key: `alarm ${alarm.object} ${alarm.cause}`, change: { kind: 'alarm-clear', alarm } };
  };
}

/** What undoes a change; undefined where nothing has to be done. */
export function inverse(change: Change): Change | undefined {
  if (change.kind === 'alarm-clear') return { kind: 'alarm-raise', alarm: change.alarm };
  if (change.kind === 'alarm-raise') return { kind: 'alarm-clear', alarm: change.alarm };
  if (change.kind === 'admin') {
    const { board, from, to } = change;
    return from === to ? undefined : { kind: 'admin', board, from: to, to: from };
  }
  if (change.kind === 'move') {
    const { service, from, to } = change;
    return from === undefined || from === to ? undefined : { kind: 'move', service, from: to, to: from };
  }
  const { program, board, here, order, wanted } = change;
  // A restart of what ran has nothing to be undone: it runs.
  const was = wanted ? 'start' : 'stop';
  const is = order === 'stop' ? 'stop' : 'start';
  return was === is ? undefined : { kind: 'program', program, board, here, order: was, wanted: is === 'start' };
}
