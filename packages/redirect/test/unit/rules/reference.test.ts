import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { factsOf } from '@softset/redirect/core/rules/facts-of.js';
import { expect } from 'chai';
import { board, cluster as chassis, state } from '../../fixture.js';
import { said, withRule } from './load.js';

const root = (path: string): string => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));
const text = readFileSync(root('docs/rules-reference.md'), 'utf8');

/** The rows below a heading, as cells; several tables of one chapter follow one another. */
function rows(heading: string): string[][] {
  const [, chapter = ''] = text.split(new RegExp(`^## ${heading}$`, 'm'));
  const [table = ''] = chapter.split(/^##+ /m);
  return cells(table);
}
function cells(table: string): string[][] {
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines
    .map((line) => line.slice(2, -2).split(' | '))
    .filter(([first = '']) => !/^(---|fact|operator|window|action|field|code|phase)$/.test(first));
}
const bare = (cell = ''): string => cell.replaceAll('`', '').trim();

/** A name of that kind that the tests' cluster has. */
const NAMES: Readonly<Record<string, string>> = {
  BOARD: 'io-1',
  SERVICE: 'media-1',
  PROGRAM: 'echo',
  NETWORK: 'A',
  DAEMON: 'psrmd',
  FAULT: 'link-failed',
  TARGET: 'io-1:A',
  OBJECT: 'service/media-1',
  CAUSE: 'SERVICE_RESTS',
  AGENT: 'switch-a',
};
const concrete = (pattern: string): string =>
  pattern === 'snmp.AGENT.OBJECT'
    ? 'snmp.switch-a.ifInErrors.12'
    : pattern.replaceAll(/[A-Z]{2,}/g, (name) => NAMES[name] ?? name);

const facts = rows('Facts').map(([pattern, type, values, from, meaning]) => ({
  ...{ pattern: bare(pattern), type: bare(type), from, meaning },
  fact: concrete(bare(pattern)),
  listed: [...(values ?? '').matchAll(/`([^`]+)`/g)].map(([, value = '']) => value),
  values: values ?? '',
}));
const when = (condition: string): string => withRule(`name: r\nwhen: '${condition}'\ndo: [ alarm: gone ]`);
const act = (action: string): string =>
  withRule(`name: r\nscope: each program\nwhen: board.io-1.state is down\ndo: [ ${action} ]`);
const wrong = (file: string): readonly string[] => said(file).filter((line) => line.includes(': error: '));

/** A value that is possible for a fact of this row. */
function possible({ type, listed }: (typeof facts)[number]): string {
  if (type === 'boolean') return 'true';
  if (type === 'text') return listed.find((one) => one !== 'none') ?? 'none';
  return '3';
}

describe('rules: the reference, against what the loader does', () => {
  it('has facts, operators, windows and actions', () => {
    expect(facts.length).to.be.greaterThan(25);
    expect(rows('Conditions').length).to.equal(13);
    expect(rows('Actions').length).to.be.greaterThan(12);
  });

  for (const row of facts) {
    it(`fact ${row.pattern}: can be asked for, with the values that are listed and no others`, () => {
      expect(row.from, 'who tells it').to.not.equal('');
      expect(row.meaning, 'what it means').to.not.equal('');
      expect(wrong(when(`${row.fact} is ${possible(row)}`))).to.deep.equal([]);
      for (const value of row.listed.filter((one) => one !== 'none'))
        expect(wrong(when(`${row.fact} is ${value}`)), value).to.deep.equal([]);
      if (row.type === 'number' || row.type === 'counter') {
        expect(row.values === '' && row.type === 'number', 'a number has a unit').to.equal(false);
        expect(wrong(when(`${row.fact} is blue`)).join()).to.include('is no number');
      }
      if (row.type === 'boolean') expect(wrong(when(`${row.fact} is blue`)).join()).to.include('is true or false');
      if (row.type === 'text' && row.listed.length > 1)
        expect(wrong(when(`${row.fact} is blue`)).join()).to.include('is never "blue"');
    });
  }

  it('each fact that a snapshot makes is in it, with its type and among its values', () => {
    const asked = new Set(['fault.link-failed.cpu-2:A', 'alarm.service/media.SERVICE_RESTS']);
    const wall = { hour: 3, minute: 7, weekday: 'friday' };
    const snmp = new Map([['switch-a', new Map([['ifInErrors.12', 3]])]]);
    const told = factsOf(chassis(), state({ boards: [board(1), board(2)] }), asked, [], wall, snmp);
    const shape = ({ pattern }: { pattern: string }): RegExp =>
      new RegExp(
        `^${pattern.replaceAll('.', '\\.').replaceAll(/[A-Z]{2,}/g, (name) => (name === 'OBJECT' ? '.+' : '[^.]+'))}$`,
      );
    const seen = new Set<string>();
    for (const [name, value] of told) {
      const row = facts.find((one) => shape(one).test(name));
      expect(row, `${name} is not in the reference`).to.not.equal(undefined);
      seen.add(row?.pattern ?? '');
      const type = row?.type === 'counter' ? 'number' : row?.type === 'text' ? 'string' : row?.type;
      if (type !== 'any') expect(typeof value, name).to.equal(type);
      if (row?.type === 'text' && row.listed.length > 1) expect(row.listed, name).to.include(String(value));
    }
    expect(
      facts.map(({ pattern }) => pattern).filter((pattern) => !seen.has(pattern)),
      'told by nobody',
    ).to.deep.equal([]);
  });

  const operators = rows('Conditions').filter(([words = '']) => !words.includes('TIME'));
  const windows = rows('Conditions').filter(([words = '']) => words.includes('TIME'));
  const ofType = (type: string) => facts.find((one) => one.type === type) ?? facts[0];
  for (const [words = '', types = '', meaning = ''] of operators) {
    it(`operator ${bare(words)}: takes ${types} and nothing else`, () => {
      expect(meaning).to.not.equal('');
      for (const type of ['text', 'boolean', 'number']) {
        const row = ofType(type);
        if (row === undefined) throw new Error(type);
        const value = possible(row);
        const condition = bare(words)
          .replace('A, B', value)
          .replace(/VALUE|N$/, value);
        const found = wrong(when(`${row.fact} ${condition}`));
        if (types === 'all' || types.includes(type)) expect(found, type).to.deep.equal([]);
        else if (!condition.includes('one of')) expect(found, type).to.have.length(1);
      }
    });
  }
  for (const [words = '', types = '', meaning = ''] of windows) {
    it(`window ${bare(words)}: of ${types}`, () => {
      expect(meaning).to.not.equal('');
      const window = bare(words).replace('TIME', '10s');
      const [counter, plain] = [ofType('counter'), ofType('number')];
      expect(wrong(when(`${counter?.fact} ${window} > 3`))).to.deep.equal([]);
      expect(wrong(when(`${plain?.fact} ${window} > 3`))).to.have.length(types === 'all' ? 0 : 1);
    });
  }

  const stand = (example: string): string =>
    example.replaceAll('$target', 'io-3').replaceAll('$board', 'io-1').replaceAll('$program', 'echo');
  for (const [word = '', meaning = ''] of rows('Actions')) {
    const name = bare(word);
    it(`action ${name}: its example is good, what it requires is required, and nothing else is taken`, () => {
      expect(meaning).to.not.equal('');
      const [, chapter = ''] = text.split(new RegExp(`^### ${name}$`, 'm'));
      const [section = ''] = chapter.split(/^##+ /m);
      const example = stand(/`([^`]+)`/.exec(section)?.[1] ?? '');
      expect(wrong(act(`{ ${example} }`))).to.deep.equal([]);
      expect(wrong(act(`{ ${name}: { ${name === 'choose' ? 'x: nowhere' : 'blue: 1'} } }`))).to.not.deep.equal([]);
      const fields = cells(section);
      expect(fields.length).to.be.greaterThan(0);
      for (const [field = '', type = '', fallback = '', what = ''] of fields) {
        expect([type, fallback, what], `${name}.${field}`).to.not.include('');
        if (name === 'choose' || fallback !== 'required') continue;
        const others = fields
          .filter(([other, , need]) => other !== field && need === 'required')
          .map(([other]) => `${bare(other)}: io-1`);
        expect(wrong(act(`{ ${name}: { ${others.join(', ')} } }`)).join(), field).to.include(
          `"${bare(field)}" is missing`,
        );
      }
    });
  }

  it('each code of a finding is explained, and no other', () => {
    const explained = rows('Codes').flatMap(([codes = '']) => bare(codes).split(', '));
    const source = readFileSync(root('packages/redirect/src/core/rules/placed.ts'), 'utf8');
    const [, union = ''] = /type FindingCode =([^;]*);/.exec(source) ?? [];
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
    expect(explained.sort()).to.deep.equal(codes.sort());
  });
});
