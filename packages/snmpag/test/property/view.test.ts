import { answer, BULK_VARBINDS_MAX } from '@softset/snmpag/core/mib/answer.js';
import { Rows } from '@softset/snmpag/core/mib/rows.js';
import { type AnyLeaf, anyLeaf, MibView } from '@softset/snmpag/core/mib/view.js';
import { compareOids, type Oid } from '@softset/snmpag/core/oid.js';
import { expect } from 'chai';
import fc from 'fast-check';

const small = fc.integer({ min: 0, max: 3 });
const index = fc.array(small, { minLength: 1, maxLength: 3 });
/** Leaves `1.TABLE.COLUMN`, sparse: a row's cell is missing where its number is 0. */
const tables = fc.array(
  fc.record({ table: small, column: small, rows: fc.array(fc.tuple(index, small), { maxLength: 6 }) }),
  { maxLength: 6 },
);
const asked = fc.array(small, { maxLength: 6 }).map((rest) => [1, ...rest]);

function viewOf(given: readonly { table: number; column: number; rows: [number[], number][] }[]) {
  const leaves = new Map<string, AnyLeaf>();
  const instances = new Map<string, { name: Oid; value: number }>();
  for (const { table, column, rows } of given) {
    const oid = [1, table, column];
    if (leaves.has(oid.join())) continue;
    const read = (row: number) => (row === 0 ? undefined : ({ type: 'integer', value: row } as const));
    leaves.set(oid.join(), anyLeaf({ oid, rows: Rows.of(rows), read }));
    for (const [at, row] of rows) {
      const name = [...oid, ...at];
      instances.delete(name.join());
      if (row !== 0) instances.set(name.join(), { name, value: row });
    }
  }
  const sorted = [...instances.values()].sort((a, b) => compareOids(a.name, b.name));
  return { view: new MibView([...leaves.values()]), leaves: [...leaves.values()], sorted };
}

const head = { session: 1, transaction: 1, packet: 1, order: 'big' as const };

describe('the table engine, beside a naive twin', () => {
  it('GET finds what is there, and says what is missing', () => {
    fc.assert(
      fc.property(tables, asked, (given, name) => {
        const { view, leaves, sorted } = viewOf(given);
        const found = sorted.find((one) => compareOids(one.name, name) === 0);
        const object = leaves.some(
          ({ oid }) => oid.every((subid, i) => name[i] === subid) && name.length >= oid.length,
        );
        const wanted = found
          ? { type: 'integer', value: found.value }
          : { type: object ? 'no-such-instance' : 'no-such-object' };
        expect(view.get(name)).to.deep.equal({ name, value: wanted });
      }),
      { numRuns: 2000 },
    );
  });

  it('GETNEXT gives the first instance of the range, whatever it begins and ends with', () => {
    fc.assert(
      fc.property(tables, asked, fc.option(asked), fc.boolean(), (given, start, last, include) => {
        const end = last ?? [];
        const { view, sorted } = viewOf(given);
        const found = sorted.find(({ name }) => compareOids(name, start) > (include ? -1 : 0));
        const inside = found !== undefined && (end.length === 0 || compareOids(found.name, end) < 0);
        const wanted = inside
          ? { name: found.name, value: { type: 'integer', value: found.value } }
          : { name: start, value: { type: 'end-of-mib-view' } };
        expect(view.next({ start, include, end })).to.deep.equal(wanted);
      }),
      { numRuns: 4000 },
    );
  });

  it('GETBULK is what as many GETNEXTs would be (RFC 3416 §4.2.3)', () => {
    fc.assert(
      fc.property(
        tables,
        fc.array(asked, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 8 }),
        (given, names, nonRepeaters, maxRepetitions) => {
          const { view } = viewOf(given);
          const ranges = names.map((start) => ({ start, include: false, end: [] }));
          const got = answer(view, { ...head, kind: 'get-bulk', nonRepeaters, maxRepetitions, ranges });
          const wanted = ranges.slice(0, nonRepeaters).map((range) => view.next(range));
          let names_: Oid[] = ranges.slice(nonRepeaters).map(({ start }) => start);
          for (let round = 0; round < maxRepetitions && names_.length > 0; round++) {
            const found = names_.map((start) => view.next({ start, include: false, end: [] }));
            wanted.push(...found);
            names_ = found.map(({ name }) => name);
            if (found.every(({ value }) => value.type === 'end-of-mib-view')) break;
          }
          expect(got).to.deep.equal(wanted);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('a GETBULK of two columns and three rounds has six varbinds; one for 65,535 rounds is bounded', () => {
    const rows = Rows.of(Array.from({ length: 5000 }, (_, i): [number[], number] => [[i], 1]));
    const leaf = (column: number) =>
      anyLeaf({ oid: [1, column], rows, read: () => ({ type: 'integer', value: 1 }) as const });
    const view = new MibView([leaf(1), leaf(2)]);
    const ranges = [1, 2].map((column) => ({ start: [1, column], include: false, end: [] }));
    const ask = (maxRepetitions: number) =>
      answer(view, { ...head, kind: 'get-bulk', nonRepeaters: 0, maxRepetitions, ranges });
    expect(ask(3).map(({ name }) => name.join('.'))).to.deep.equal([
      '1.1.0',
      '1.2.0',
      '1.1.1',
      '1.2.1',
      '1.1.2',
      '1.2.2',
    ]);
    expect(ask(65_535)).to.have.length(BULK_VARBINDS_MAX);
  });

  it('a leaf below another is a programmer’s error', () => {
    const leaf = (oid: Oid) => anyLeaf({ oid, rows: Rows.of<number>([]), read: () => undefined });
    expect(() => new MibView([leaf([1, 2]), leaf([1, 2, 3])])).to.throw('below another leaf');
  });
});
