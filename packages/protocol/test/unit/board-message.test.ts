import { type BoardMessage, decodeBoardMessage } from '@softset/protocol/board-message.js';
import type { Alarm, Register } from '@softset/protocol/register.js';
import { expect } from 'chai';
import fc from 'fast-check';

const boot = '0123456789abcdef';
const stamp = { boot, incarnation: 3, sequence: 1000 };
const grant = { term: 4, n: 17 };
const stock = { boot, held: [{ service: 'media', grant }], refused: [{ service: 'voice', grant }] };
const alarm: Alarm = {
  object: 'service/media',
  cause: 'ADDRESS_IN_USE',
  severity: 'major',
  text: 'in use',
  raisedAtMs: 1.5,
  raisedBy: 2,
};
const register: Register = {
  cluster: 4711,
  term: 4,
  index: 17,
  members: [{ board: 1, vote: true, admin: 'in-service' }],
  services: [
    {
      service: 'media',
      holder: { board: 1, grant },
      next: { board: 2, grant: { term: 4, n: 18 } },
      abandoned: [{ board: 3, grant: { term: 3, n: 1 } }],
      pin: 2,
      cause: 'planned',
    },
    { service: 'voice', abandoned: [], cause: 'new' },
  ],
  alarms: [alarm, { ...alarm, cause: 'RULESET_FLUSHED', acknowledgedBy: 'root' }],
};
const order = {
  kind: 'take',
  service: 'media',
  grant,
  term: 4,
  director: 1,
  stamp,
  formerly: 2,
  cause: 'planned',
} as const;

/** One of each kind, every optional field there once. */
const MESSAGES: readonly BoardMessage[] = [
  { kind: 'claim', term: 5, stamp, register: { term: 4, index: 17 } },
  { kind: 'vote', term: 5, stamp, stock },
  { kind: 'vote', term: 5, stamp, stock, register },
  { kind: 'denied', term: 5, reason: 'the director is well' },
  { kind: 'report', term: 5, stock },
  { kind: 'write', register },
  { kind: 'wrote', term: 4, index: 17, boot },
  { kind: 'order', order },
  { kind: 'order', order: { kind: 'release', service: 'media', grant, term: 4, director: 1, stamp, cause: '' } },
  { kind: 'outcome', outcome: { service: 'media', grant, term: 4, result: 'taken' }, boot },
  {
    kind: 'outcome',
    outcome: { service: 'media', grant, term: 4, result: 'refused', code: 'ORDER_LAPSED', message: 'late' },
    boot,
  },
  { kind: 'remember', boot, incarnation: 3 },
  { kind: 'remembered', boot, incarnation: 3, term: 4, amnesiac: false },
  { kind: 'programs', sequence: 2, programs: [{ program: 'echo', state: 'ready', sinceMs: 12.25, restarts: 1 }] },
  { kind: 'release', release: '0.1.0' },
  { kind: 'alarm', alarm },
  { kind: 'wish', wish: { id: 'w1', kind: 'move', service: 'media', board: 2, who: 'root (uid 0)' } },
  {
    kind: 'wish',
    wish: { id: 'w2', kind: 'alarm-clear', object: 'service/media', cause: 'ADDRESS_IN_USE', who: 'root' },
  },
  { kind: 'wished', id: 'w1', ok: false, message: 'board 2 is not fit' },
  { kind: 'program-wish', id: 'w3', program: 'media', order: 'restart', who: 'snmpagd on cpu-1' },
];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every copy of `value` in which one thing, however deep, is replaced by what `change` makes of it. */
function variants(value: unknown, change: (inner: unknown) => readonly unknown[]): unknown[] {
  const here = [...change(value)];
  if (Array.isArray(value)) {
    for (const [i, inner] of value.entries())
      here.push(...variants(inner, change).map((other) => value.with(i, other)));
  } else if (isRecord(value)) {
    for (const [key, inner] of Object.entries(value))
      here.push(...variants(inner, change).map((other) => ({ ...value, [key]: other })));
  }
  return here;
}

describe('messages between boards', () => {
  for (const message of MESSAGES) {
    it(`${message.kind} comes out as it went in, through JSON`, () => {
      expect(decodeBoardMessage(JSON.parse(JSON.stringify(message)))).to.deep.equal(message);
    });
  }

  it('are refused with a field too many, in any part of them', () => {
    let tried = 0;
    for (const message of MESSAGES) {
      for (const variant of variants(message, (inner) => (isRecord(inner) ? [{ ...inner, more: 1 }] : []))) {
        tried++;
        expect(decodeBoardMessage(variant), JSON.stringify(variant)).to.equal(undefined);
      }
    }
    expect(tried).to.be.greaterThan(50);
  });

  it('are refused with a value of another type, in any place', () => {
    const wrong = (inner: unknown): readonly unknown[] => {
      if (typeof inner === 'string') return [7, null, [inner], {}];
      if (typeof inner === 'number') return [`${inner}`, null, Number.NaN, {}];
      if (typeof inner === 'boolean') return [0, 'true', null];
      return [null, 'text', 1, true, Array.isArray(inner) ? {} : []];
    };
    for (const message of MESSAGES) {
      for (const variant of variants(message, wrong))
        expect(decodeBoardMessage(variant), JSON.stringify(variant)).to.equal(undefined);
    }
  });

  const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
  const fits = (message: unknown): boolean => decodeBoardMessage(message) !== undefined;
  const held = { service: 's', grant };
  const limits: readonly (readonly [title: string, most: unknown, over: unknown])[] = [
    [
      'terms of 32 bits',
      { kind: 'denied', term: 0xffffffff, reason: '' },
      { kind: 'denied', term: 0x1_0000_0000, reason: '' },
    ],
    [
      'texts of 200 characters',
      { kind: 'denied', term: 1, reason: 'x'.repeat(200) },
      { kind: 'denied', term: 1, reason: 'x'.repeat(201) },
    ],
    [
      'boards up to 64',
      { kind: 'order', order: { ...order, director: 64 } },
      { kind: 'order', order: { ...order, director: 65 } },
    ],
    [
      'boards from 1',
      { kind: 'order', order: { ...order, director: 1 } },
      { kind: 'order', order: { ...order, director: 0 } },
    ],
    [
      '64 holdings',
      { kind: 'report', term: 1, stock: { boot, held: many(64, held), refused: [] } },
      { kind: 'report', term: 1, stock: { boot, held: many(65, held), refused: [] } },
    ],
    [
      '64 refused grants',
      { kind: 'report', term: 1, stock: { boot, held: [], refused: many(64, held) } },
      { kind: 'report', term: 1, stock: { boot, held: [], refused: many(65, held) } },
    ],
    [
      '256 alarms in a register',
      { kind: 'write', register: { ...register, alarms: many(256, alarm) } },
      { kind: 'write', register: { ...register, alarms: many(257, alarm) } },
    ],
    [
      '64 members of a register',
      { kind: 'write', register: { ...register, members: many(64, register.members[0]) } },
      { kind: 'write', register: { ...register, members: many(65, register.members[0]) } },
    ],
    [
      '64 services of a register',
      { kind: 'write', register: { ...register, services: many(64, register.services[1]) } },
      { kind: 'write', register: { ...register, services: many(65, register.services[1]) } },
    ],
    [
      '256 programs',
      { kind: 'programs', sequence: 1, programs: many(256, { program: 'p', state: 'up', sinceMs: 0, restarts: 0 }) },
      { kind: 'programs', sequence: 1, programs: many(257, { program: 'p', state: 'up', sinceMs: 0, restarts: 0 }) },
    ],
    [
      'boot ids of 16 digits',
      { kind: 'remember', boot, incarnation: 1 },
      { kind: 'remember', boot: `${boot}0`, incarnation: 1 },
    ],
    ['whole numbers', { kind: 'remember', boot, incarnation: 1 }, { kind: 'remember', boot, incarnation: 1.5 }],
    ['numbers from 0', { kind: 'remember', boot, incarnation: 0 }, { kind: 'remember', boot, incarnation: -1 }],
  ];
  for (const [title, most, over] of limits) {
    it(`hold at most ${title}`, () => {
      expect(fits(most), 'the most').to.equal(true);
      expect(fits(over), 'one over').to.equal(false);
    });
  }

  it('are never made of junk, and junk never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...MESSAGES), (junk, message) => {
        const mixed = isRecord(junk) ? { ...junk, kind: message.kind } : junk;
        for (const value of [junk, mixed]) {
          const decoded = decodeBoardMessage(value);
          if (decoded !== undefined) expect(decoded).to.deep.equal(value);
        }
        expect(decodeBoardMessage({ ...message, kind: 'unheard-of' })).to.equal(undefined);
      }),
    );
    for (const value of [undefined, null, 0, '', [], {}, Symbol('s'), () => 1])
      expect(decodeBoardMessage(value)).to.equal(undefined);
  });
});
