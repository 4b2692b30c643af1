import type { SnmpAgent } from '@softset/protocol';
import { beginsWith, formatOid, type Oid } from '../oid.js';
import type { ToldValue } from './fact-book.js';
import type { Trap } from './trap-line.js';

/** linkDown and linkUp (RFC 2863 §6). */
const LINK_DOWN = '1.3.6.1.6.3.1.1.5.3';
const LINK_UP = '1.3.6.1.6.3.1.1.5.4';
const IF_INDEX: Oid = [1, 3, 6, 1, 2, 1, 2, 2, 1, 1];
const IF_ADMIN_STATUS: Oid = [1, 3, 6, 1, 2, 1, 2, 2, 1, 7];
const IF_OPER_STATUS: Oid = [1, 3, 6, 1, 2, 1, 2, 2, 1, 8];

/** ifOperStatus by number (RFC 2863); ifAdminStatus has the first three. */
export const IF_STATUS = [
  undefined,
  'up',
  'down',
  'testing',
  'unknown',
  'dormant',
  'notPresent',
  'lowerLayerDown',
] as const;

/**
 * What a notification says of its agent. linkDown and linkUp are `ifOperStatus.N` and, where they carry it,
 * `ifAdminStatus.N`; others are what the cluster file's `notices` call them. Nothing: it says nothing that we know.
 */
export function factsOfTrap(
  { notification, varbinds }: Trap,
  { notices }: Pick<SnmpAgent, 'notices'>,
  linkFreshMs: number,
): readonly ToldValue[] {
  const oid = formatOid(notification);
  const named = Object.entries(notices).flatMap(([object, notice]): ToldValue[] => {
    if (notice.oid === oid) return [{ object, value: true, freshMs: notice.freshMs }];
    if (notice.clearedBy === oid) return [{ object, value: false, freshMs: notice.freshMs }];
    return [];
  });
  if (oid !== LINK_DOWN && oid !== LINK_UP) return named;
  const index = indexOf(varbinds);
  if (index === undefined) return named;
  const status = (column: Oid) => {
    const found = varbinds.find(({ name }) => beginsWith(name, column));
    return found === undefined ? undefined : IF_STATUS[Number(found.text)];
  };
  const oper = status(IF_OPER_STATUS);
  // What it is called counts: a linkDown whose varbind says up was overtaken by the link, and linkUp follows.
  const value = oid === LINK_DOWN ? (oper === 'lowerLayerDown' || oper === 'notPresent' ? oper : 'down') : upOr(oper);
  const admin = status(IF_ADMIN_STATUS);
  return [
    ...named,
    { object: `ifOperStatus.${index}`, value, freshMs: linkFreshMs },
    ...(admin === undefined ? [] : [{ object: `ifAdminStatus.${index}`, value: admin, freshMs: linkFreshMs }]),
  ];
}

/** linkUp: it has left down, for what the varbind says. */
function upOr(oper: (typeof IF_STATUS)[number]): string {
  return oper === undefined || oper === 'down' ? 'up' : oper;
}

/** ifIndex is told as a varbind, and is the last number of the others' names. */
function indexOf(varbinds: Trap['varbinds']): number | undefined {
  const told = varbinds.find(({ name }) => beginsWith(name, IF_INDEX));
  const index =
    told === undefined ? varbinds.find(({ name }) => beginsWith(name, IF_OPER_STATUS))?.name.at(-1) : Number(told.text);
  return index !== undefined && Number.isInteger(index) && index >= 1 && index <= 0x7fff_ffff ? index : undefined;
}
