import { clusterFileJsonSchema } from '@softset/protocol/cluster-page.js';
import { manPage } from '@softset/psrm/man-page.js';
import { usage } from '@softset/runtime/daemon-options.js';
import { expect } from 'chai';

/** The rows of the table below a heading, a list of cells each. */
function rows(heading: string): string[][] {
  const part = manPage().split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = part.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** What may be written below `under`, by the schema that reads it. */
function options({ properties = {} }: Schema, under: string): string[] {
  return Object.entries(properties).flatMap(([key, one]) => [`${under}${key}`, ...options(one, `${under}${key}.`)]);
}

const named = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
const fields = new Map(
  [
    ...rows('Fields of a program').map((cells) => ['', cells] as const),
    ...rows('Fields of the ladder').map((cells) => ['escalation.', cells] as const),
  ].map(([under, cells]) => [under + (named(cells[0])[0] ?? ''), cells]),
);
const units = { Ms: /\bms\b/, Bytes: /\bbytes\b/, bytesMax: /\bbytes\b/, Percent: /\bpercent\b/ };

describe('psrmd(8)', () => {
  it('says of every field what it may be, its default and its meaning', () => {
    expect(fields.size).to.be.greaterThan(90);
    for (const [name, cells] of fields) {
      expect(cells, name).to.have.length(4);
      for (const cell of cells) expect(cell.trim(), name).to.not.equal('');
    }
  });

  it('names every option that the schema has, and no other', () => {
    const { properties = {} } = JSON.parse(clusterFileJsonSchema()) as Schema;
    const { additionalProperties: program } = properties.programs ?? {};
    const { escalation } = properties;
    if (typeof program !== 'object' || escalation === undefined)
      throw new Error('the schema has no programs, or no ladder');
    const wanted = [...options(program, ''), ...options(escalation, 'escalation.')];
    expect([...fields.keys()]).to.have.members(wanted);
  });

  it('says the unit of every field that has one; a threshold has that of what it bounds', () => {
    let found = 0;
    for (const [name, cells] of fields) {
      const threshold = /^(trouble\..*)\.(warn|act)$/.exec(name)?.[1];
      const meaning = (threshold === undefined ? cells : fields.get(threshold))?.[3] ?? '';
      for (const [end, unit] of Object.entries(units)) {
        if (!(threshold ?? name).endsWith(end)) continue;
        found++;
        expect(meaning, name).to.match(unit);
      }
    }
    expect(found).to.be.greaterThan(25);
  });

  it('says of every field of a program with what it interacts, and of nothing else', () => {
    const together = new Set(rows('Fields together').flatMap(([left]) => named(left)));
    const known = (name: string): boolean =>
      [...fields.keys()].some((one) => one === name || one.startsWith(`${name}.`));
    for (const name of together) expect(known(name), name).to.equal(true);
    const groups = new Set([...fields.keys()].map((name) => name.split('.')[0] ?? ''));
    const told = new Set([...together].map((name) => name.split('.')[0] ?? ''));
    expect([...groups].filter((group) => !told.has(group))).to.deep.equal([]);
  });

  it('names every option that every daemon has', () => {
    const told = rows('Options').flatMap(([left]) => named(left).map((text) => text.split(' ')[0]));
    const options = [...usage('psrmd').matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect(options.length).to.be.greaterThan(5);
    for (const option of options) expect(told).to.include(option);
  });
});
