import { softsetMib } from '@softset/snmpag/core/softset/mib/module.js';
import { objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';

const definitions = softsetMib.groups.flatMap(({ scalars, tables }) => [
  ...Object.entries(scalars),
  ...tables.flatMap(({ columns }) => Object.entries(columns)),
]);

/** What of SOFTSET-MIB an operator's tools were shown in a lab: of all that the MIB has, nothing may be missing at the end. */
export class Seen {
  readonly #tables = new Set<string>();
  readonly #objects = new Set<string>();
  readonly #written = new Set<string>();

  /** A table that was printed with rows. */
  table(name: string): void {
    this.#tables.add(name);
  }

  /** A walk by numbers, a line for each instance. */
  walk(text: string): void {
    for (const name of definitions.map(([object]) => object)) {
      const oid = objectOid(name)?.join('.');
      if (!this.#objects.has(name) && text.includes(`\n.${oid}.`)) this.#objects.add(name);
    }
  }

  /** The number of an instance that was SET, and came back as it was SET. */
  written(instance: string): void {
    for (const [name, { access }] of definitions) {
      if (access === 'read-write' && instance.startsWith(`${objectOid(name)?.join('.')}.`)) this.#written.add(name);
    }
  }

  /** Of tables, objects that can be read, and such as can be SET: those that were not seen. */
  get missing(): { readonly tables: string[]; readonly objects: string[]; readonly sets: string[] } {
    const tables = softsetMib.groups.flatMap((group) => group.tables.map(({ stem }) => `${stem}Table`));
    const readable = definitions.flatMap(([name, { access }]) => (/^read/.test(access) ? [name] : []));
    const writable = definitions.flatMap(([name, { access }]) => (access === 'read-write' ? [name] : []));
    return {
      tables: tables.filter((name) => !this.#tables.has(name)),
      objects: readable.filter((name) => !this.#objects.has(name)),
      sets: writable.filter((name) => !this.#written.has(name)),
    };
  }
}

/** Every notification of the MIB: its number, and its name. */
export const allNotifications: readonly (readonly [id: number, name: string])[] = Object.entries(
  softsetMib.notifications,
).map(([name, { id }]) => [id, name]);
