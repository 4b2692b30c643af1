import { fingerprint, freshKey, unwrapKey, wrapKey } from '@softset/netrack/adapters/wrapped-key.js';
import { lastRotation, nextRing, nextStep, orderRefusal, STEPS } from '@softset/netrack/core/keys/steps.js';
import type { KeyOrder, KeyState } from '@softset/protocol/board-message.js';
import { expect } from 'chai';
import fc from 'fast-check';

const way = { into: 'X', outOf: 'Y' };
const state = (change: Partial<KeyState> = {}): KeyState => ({
  ring: ['Y'],
  serial: 2,
  rotation: 'r',
  ...way,
  ...change,
});
const order = (change: Partial<KeyOrder> = {}): KeyOrder => ({
  step: 'use',
  serial: 2,
  rotation: 'r',
  ...way,
  ...change,
});

describe('steps of a rotation of keys', () => {
  const table: readonly [string, 'install' | 'use' | 'remove', string][] = [
    ['Y', 'install', 'YX'],
    ['YX', 'install', 'YX'],
    ['XY', 'install', 'XY'],
    ['X', 'install', 'X'],
    ['Y', 'use', 'KEY_LEAP'],
    ['YX', 'use', 'XY'],
    ['XY', 'use', 'XY'],
    ['X', 'use', 'X'],
    ['Y', 'remove', 'KEY_LEAP'],
    ['YX', 'remove', 'KEY_LEAP'],
    ['XY', 'remove', 'X'],
    ['X', 'remove', 'X'],
    ['Z', 'install', 'KEY_STRANGE'],
    ['YZ', 'use', 'KEY_STRANGE'],
    ['', 'install', 'KEY_STRANGE'],
  ];
  for (const [ring, step, wanted] of table)
    it(`[${ring}] ${step}: ${wanted}`, () => {
      const next = nextRing([...ring], step, way);
      if ('ring' in next && step === 'use' && ring === 'X') expect(next.ring[0]).to.equal('X');
      else expect('ring' in next ? next.ring.join('') : next.refusal.split(':')[0]).to.equal(wanted);
    });

  it('an order of an older rotation is refused, and another one of the same number', () => {
    expect(orderRefusal(state(), order())).to.equal(undefined);
    expect(orderRefusal(state(), order({ serial: 3, rotation: 's', into: 'Y', outOf: 'X' }))).to.equal(undefined);
    expect(orderRefusal(state(), order({ serial: 1 }))).to.match(/^KEY_OLD_ORDER/);
    expect(orderRefusal(state(), order({ rotation: 's' }))).to.match(/^KEY_OTHER_ROTATION/);
    expect(orderRefusal(state(), order({ into: 'Y', outOf: 'X' }))).to.match(/^KEY_OTHER_ROTATION/);
  });

  it('the next step is the first that one board has not done', () => {
    const next = (...rings: string[]) =>
      nextStep(
        rings.map((ring) => [...ring]),
        way,
      );
    expect(next('Y', 'Y')).to.equal('install');
    expect(next('YX', 'Y')).to.equal('install');
    expect(next('YX', 'XY')).to.equal('use');
    expect(next('XY', 'X')).to.equal('remove');
    expect(next('X', 'X')).to.equal(undefined);
  });

  it('the last rotation is the one of the highest number; boards that heard of none tell of none', () => {
    const none = state({ rotation: '', serial: 0 });
    expect(lastRotation([none])).to.equal(undefined);
    expect(lastRotation([none, state(), state({ serial: 5 })])?.serial).to.equal(5);
  });

  it('wherever rotations stop, go on and are taken back, all boards believe each other at every moment', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 60 }), (moves) => {
        const rings = [['Y'], ['Y'], ['Y']];
        let towards = way;
        const believe = () => {
          for (const from of rings) for (const to of rings) expect(to, JSON.stringify(rings)).to.include(from[0]);
        };
        // Each move: one board takes the step that is due, or the operator turns round first.
        for (const [board, turns] of moves) {
          if (turns) towards = { into: towards.outOf, outOf: towards.into };
          const step = nextStep(rings, towards);
          if (step === undefined) continue;
          const next = nextRing(rings[board] ?? [], step, towards);
          if ('ring' in next) rings[board] = [...next.ring];
          believe();
        }
        for (const step of STEPS)
          for (const [board, ring] of rings.entries()) {
            if (nextStep(rings, towards) === undefined) break;
            const next = nextRing(ring, step, towards);
            if ('ring' in next) rings[board] = [...next.ring];
            believe();
          }
        expect(nextStep(rings, towards), 'it ends').to.equal(undefined);
      }),
    );
  });

  it('a wrapped key opens for the board, the rotation and the number that it was wrapped for, and whole', () => {
    const under = Buffer.alloc(32, 7);
    const key = freshKey(under);
    const wrapping = { cluster: 1, rotation: 'r', serial: 2, to: 3 };
    const wrapped = wrapKey(key, under, wrapping);
    const opened = unwrapKey(wrapped, under, wrapping);
    expect(opened.ok && fingerprint(opened.value)).to.equal(fingerprint(key));
    const others = [{ cluster: 2 }, { rotation: 's' }, { serial: 3 }, { to: 4 }];
    for (const change of others) expect(unwrapKey(wrapped, under, { ...wrapping, ...change }).ok).to.equal(false);
    expect(unwrapKey(wrapped, Buffer.alloc(32, 8), wrapping).ok).to.equal(false);
    const bent = Buffer.from(wrapped, 'base64');
    bent[20] = (bent[20] ?? 0) ^ 1;
    for (const text of [bent.toString('base64'), '', 'AAAA'])
      expect(unwrapKey(text, under, wrapping).ok).to.equal(false);
  });
});
