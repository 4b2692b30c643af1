import { decodeEnvelope, decodeSubscribeParams, decodeSubscribeResult } from '@softset/protocol/control.js';
import { expect } from 'chai';

describe('subscription messages', () => {
  const badEnvelopes: unknown[] = [
    undefined,
    null,
    [],
    {},
    { subscription: 1, sequence: 1, kind: 'change' },
    { subscription: 1, sequence: -1, kind: 'lagged' },
    { subscription: 1.5, sequence: 1, kind: 'lagged' },
    { subscription: 1, sequence: 1, kind: 'other', data: 1 },
  ];
  for (const value of badEnvelopes) {
    it(`refuses the envelope ${JSON.stringify(value)}`, () => {
      expect(decodeEnvelope(value)).to.include({ ok: false, code: 'ENVELOPE_INVALID' });
    });
  }

  it('reads each kind of envelope', () => {
    for (const value of [
      { subscription: 1, sequence: 0, kind: 'snapshot', data: null },
      { subscription: 1, sequence: 9, kind: 'change', data: { a: 1 } },
      { subscription: 1, sequence: 9, kind: 'lagged' },
    ]) {
      expect(decodeEnvelope(value)).to.deep.equal({ ok: true, value });
    }
  });

  it('reads subscribe with and without a position and a filter', () => {
    for (const value of [
      { topic: 'views' },
      { topic: 'views', after: { origin: 'x', sequence: 4 }, filter: { a: 1 } },
    ]) {
      expect(decodeSubscribeParams(value)).to.deep.equal({ ok: true, value });
    }
    for (const value of [
      undefined,
      {},
      { topic: 1 },
      { topic: 'a', after: 4 },
      { topic: 'a', after: { origin: 'x' } },
    ]) {
      expect(decodeSubscribeParams(value)).to.include({ ok: false, code: 'RPC_INVALID_PARAMS' });
    }
  });

  it('refuses a subscribe result without its number or origin', () => {
    expect(decodeSubscribeResult({ subscription: 1, origin: 'x' }).ok).to.equal(true);
    expect(decodeSubscribeResult({ subscription: 1 }).ok).to.equal(false);
    expect(decodeSubscribeResult({ origin: 'x' }).ok).to.equal(false);
  });
});
