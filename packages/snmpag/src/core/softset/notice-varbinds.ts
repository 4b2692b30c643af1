import type { Varbind } from '../agentx/value.js';
import type { Oid } from '../oid.js';
import { ARC, type ObjectDef } from '../smi/model.js';
import { encodeValue, type Plain } from '../smi/syntax.js';
import { BASE_OID } from './base-oid.js';
import { softsetMib } from './mib/module.js';
import { notifications } from './mib/notifications.js';
import type { Notice } from './notices.js';

/** An object of the MIB by its descriptor, its instance, and its value. */
export type Given = readonly [object: string, instance: Oid, plain: Plain];

/** snmpTrapOID.0 (RFC 3418), which comes first (RFC 2741 §6.2.10). */
const TRAP_OID: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];

interface Known {
  readonly oid: Oid;
  readonly object: ObjectDef;
}

/** Every object that has a value, by its descriptor, with the OID that its instances begin with. */
const known: ReadonlyMap<string, Known> = new Map(
  softsetMib.groups.flatMap((group) => {
    const at = [...BASE_OID, group.id];
    const scalars = Object.entries(group.scalars).map(
      ([name, object]) => [name, { oid: [...at, object.id], object }] as const,
    );
    const columns = group.tables.flatMap(({ id, columns: own }) =>
      Object.entries(own).map(([name, object]) => [name, { oid: [...at, id, 1, object.id], object }] as const),
    );
    return [...scalars, ...columns];
  }),
);

/** A notice as AgentX's Notify carries it. A value that the MIB does not know is left out. */
export function noticeVarbinds({ name, given }: Notice): Varbind[] {
  const trap = [...BASE_OID, ARC.notifications, notifications[name].id];
  return [
    { name: TRAP_OID, value: { type: 'oid', value: trap } },
    ...given.flatMap(([object, instance, plain]): Varbind[] => {
      const found = known.get(object);
      const value = found && encodeValue(found.object.syntax, plain);
      return value === undefined ? [] : [{ name: [...(found?.oid ?? []), ...instance], value }];
    }),
  ];
}

/** The OID of an object by its descriptor; for tests and for those who print commands. */
export function objectOid(name: string): Oid | undefined {
  return known.get(name)?.oid;
}
