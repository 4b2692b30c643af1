import { goBefore, holdOf, type Standing } from '@softset/psrm/core/order.js';
import { expect } from 'chai';

const base: Standing = {
  ...{ after: [], requires: [], state: 'ready', isReady: true },
  ...{ wanted: true, readyWhenUp: false, leaving: false },
};
const of = (programs: Readonly<Record<string, Partial<Standing>>>) =>
  new Map(Object.entries(programs).map(([name, one]) => [name, { ...base, ...one }]));

describe('order of programs: what one waits for', () => {
  const web = { after: ['log'], requires: ['db'] };
  const cases: readonly [string, Partial<Standing>, Partial<Standing>, ReturnType<typeof holdOf>][] = [
    ['all are ready', {}, {}, undefined],
    ['what it is after starts', {}, { state: 'starting', isReady: false }, { by: 'log', must: false }],
    [
      'what it is after is up, and that is all that it ever is',
      {},
      { state: 'up', isReady: false, readyWhenUp: true },
      undefined,
    ],
    ['what it is after is up, and not ready', {}, { state: 'up', isReady: false }, { by: 'log', must: false }],
    ['what it is after is not wanted', {}, { state: 'stopped', isReady: false, wanted: false }, undefined],
    ['what it is after was given up', {}, { state: 'failed', isReady: false }, undefined],
    ['what it requires starts', { state: 'starting', isReady: false }, {}, { by: 'db', must: false }],
    ['what it requires is in trouble, and was ready', { state: 'in-trouble' }, {}, undefined],
    ['what it requires hangs', { state: 'not-responding', isReady: false }, {}, { by: 'db', must: false }],
    [
      'what it requires is not wanted',
      { state: 'stopped', isReady: false, wanted: false },
      {},
      { by: 'db', must: true },
    ],
    ['what it requires was given up', { state: 'failed', isReady: false }, {}, { by: 'db', must: true }],
    ['what it requires is about to be stopped', { leaving: true }, {}, { by: 'db', must: true }],
    [
      'both: what it may not run without goes first',
      { leaving: true },
      { state: 'up', isReady: false },
      { by: 'db', must: true },
    ],
  ];
  for (const [what, db, log, expected] of cases) {
    it(`${what}: ${JSON.stringify(expected) ?? 'nothing'}`, () => {
      expect(holdOf('web', of({ web, db, log }))).to.deep.equal(expected);
    });
  }

  it('a program that is after one of another board does not wait for it', () => {
    expect(holdOf('web', of({ web: { after: ['elsewhere'] } }))).to.equal(undefined);
  });
});

describe('order of programs: who goes before one that is stopped', () => {
  it('what requires it, while it runs', () => {
    expect(goBefore('db', of({ db: {}, web: { requires: ['db'] } }))).to.deep.equal(['web']);
    expect(goBefore('db', of({ db: {}, web: { requires: ['db'], state: 'stopping' } }))).to.deep.equal(['web']);
    expect(goBefore('db', of({ db: {}, web: { requires: ['db'], state: 'stopped' } }))).to.deep.equal([]);
    expect(goBefore('db', of({ db: {}, web: { requires: ['db'], state: 'starting' } })), 'it waits').to.deep.equal([]);
  });

  it('what is after it, only where that is stopped as well', () => {
    expect(goBefore('db', of({ db: {}, web: { after: ['db'] } }))).to.deep.equal([]);
    expect(goBefore('db', of({ db: {}, web: { after: ['db'], leaving: true } }))).to.deep.equal(['web']);
    expect(goBefore('db', of({ db: {}, web: { after: ['db'], state: 'stopping' } }))).to.deep.equal(['web']);
  });

  it('two that do not know each other may be stopped at the same time', () => {
    const all = of({ db: { leaving: true }, web: { requires: ['db'] }, cache: { requires: ['db'] } });
    expect(goBefore('web', all)).to.deep.equal([]);
    expect(goBefore('cache', all)).to.deep.equal([]);
  });
});
