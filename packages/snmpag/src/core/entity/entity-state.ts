import type { Alarm, BoardState, NetrackState } from '@softset/protocol';
import type { Value } from '../agentx/value.js';
import { Rows } from '../mib/rows.js';
import { type AnyLeaf, anyLeaf } from '../mib/view.js';
import type { Oid } from '../oid.js';
import { isStale } from '../relay/behind.js';
import { dateAndTime } from '../smi/date-and-time.js';
import { integerOf } from './merged-interfaces.js';
import type { Entity } from './physical.js';

/** ENTITY-STATE-MIB (RFC 4268): NETRACK's word of boards, and the agents' of what is behind them. */
export const ENTITY_STATE_MIB: Oid = [1, 3, 6, 1, 2, 1, 131, 1];
const ENTRY: Oid = [...ENTITY_STATE_MIB, 1, 1];

const ADMIN = { unknown: 1, locked: 2, shuttingDown: 3, unlocked: 4 } as const;
const OPER = { unknown: 1, disabled: 2, enabled: 3 } as const;
const USAGE = { unknown: 1, idle: 2, active: 3 } as const;
const STANDBY = { unknown: 1, hotStandby: 2, providingService: 4 } as const;
/** entStateAlarm's bits. */
const ALARM: Readonly<Record<string, number>> = { critical: 2, major: 3, minor: 4, warning: 5, indeterminate: 6 };

interface State {
  readonly admin: number;
  readonly oper: number;
  readonly usage: number;
  readonly standby: number;
  readonly alarms: readonly Alarm[];
  /** Monotonic; undefined: nobody knows. */
  readonly sinceMs: number | undefined;
}

const NOTHING_KNOWN: State = {
  admin: ADMIN.unknown,
  oper: OPER.unknown,
  usage: USAGE.unknown,
  standby: STANDBY.unknown,
  alarms: [],
  sinceMs: undefined,
};

export interface StateParts {
  readonly entities: readonly Entity[];
  readonly netrack: NetrackState | undefined;
  readonly inPool: (board: number) => boolean;
  readonly nowMs: () => number;
  /** Wall clock, ms since 1970. */
  readonly wallMs: () => number;
}

export function entityStateLeaves({ entities, netrack, inPool, nowMs, wallMs }: StateParts): AnyLeaf[] {
  const rows = Rows.of(entities.map((one) => [[one.index], stateOf(one, netrack, inPool)] as const));
  const columns: Readonly<Record<number, (state: State) => Value>> = {
    1: ({ sinceMs }) => ({
      type: 'octets',
      // Eight zero octets where it is not known (RFC 4268).
      value: sinceMs === undefined ? new Uint8Array(8) : dateAndTime(wallMs() - (nowMs() - sinceMs)),
    }),
    2: ({ admin }) => ({ type: 'integer', value: admin }),
    3: ({ oper }) => ({ type: 'integer', value: oper }),
    4: ({ usage }) => ({ type: 'integer', value: usage }),
    5: ({ alarms }) => ({ type: 'octets', value: bits(alarms) }),
    6: ({ standby }) => ({ type: 'integer', value: standby }),
  };
  return Object.entries(columns).map(([id, read]) => anyLeaf<State>({ oid: [...ENTRY, Number(id)], rows, read }));
}

function stateOf(entity: Entity, netrack: NetrackState | undefined, inPool: (board: number) => boolean): State {
  switch (entity.kind) {
    case 'chassis': {
      if (netrack === undefined) return NOTHING_KNOWN;
      const whole = netrack.quorum.present >= netrack.quorum.needed;
      const oper = whole ? OPER.enabled : OPER.disabled;
      return { ...NOTHING_KNOWN, admin: ADMIN.unlocked, oper, alarms: netrack.alarms };
    }
    case 'board':
      return boardStateOf(entity.board.id, entity.board.name, netrack, inPool);
    case 'switch': {
      const { target } = entity.behind;
      // A silent agent is no dead switch: whether it forwards is NETRACK's to say.
      const oper = target.phase === 'answering' ? OPER.enabled : OPER.unknown;
      return { ...NOTHING_KNOWN, oper, sinceMs: target.sinceMs };
    }
    case 'port': {
      const { own, behind } = entity.port;
      const admin = integerOf(own, 7) === 1 ? ADMIN.unlocked : ADMIN.locked;
      const oper = isStale(behind) ? OPER.unknown : integerOf(own, 8) === 1 ? OPER.enabled : OPER.disabled;
      return { ...NOTHING_KNOWN, admin, oper };
    }
  }
}

function boardStateOf(
  id: number,
  name: string,
  netrack: NetrackState | undefined,
  inPool: (board: number) => boolean,
): State {
  const seen = netrack?.boards.find(({ board }) => board === id);
  if (netrack === undefined || seen === undefined) return NOTHING_KNOWN;
  const holds = netrack.services.some(({ phase, holder }) => phase === 'held' && holder?.board === id);
  const up = seen.verdict === 'up' || seen.verdict === 'self';
  const waits = up && inPool(id) ? STANDBY.hotStandby : STANDBY.unknown;
  return {
    admin: adminOf(seen, holds),
    oper: up ? OPER.enabled : seen.verdict === 'down' ? OPER.disabled : OPER.unknown,
    usage: holds ? USAGE.active : USAGE.idle,
    standby: holds ? STANDBY.providingService : waits,
    alarms: netrack.alarms.filter(({ object }) => object === `board/${name}` || object.startsWith(`board/${name}/`)),
    sinceMs: seen.sinceMs,
  };
}

function adminOf({ admin, leaving }: BoardState, holds: boolean): number {
  if (leaving || (admin === 'drained' && holds)) return ADMIN.shuttingDown;
  return admin === 'in-service' || admin === 'standby' ? ADMIN.unlocked : ADMIN.locked;
}

function bits(alarms: readonly Alarm[]): Uint8Array {
  let octet = 0;
  for (const { severity } of alarms) {
    const bit = ALARM[severity];
    if (bit !== undefined) octet |= 0x80 >> bit;
  }
  return Uint8Array.of(octet);
}
