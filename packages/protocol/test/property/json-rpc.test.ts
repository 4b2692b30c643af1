import { decodeEnvelope } from '@softset/protocol/control.js';
import { decodeAnswer, decodeRequest, decodeRequestValue, encodeSuccess } from '@softset/protocol/json-rpc.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('JSON-RPC decoding', () => {
  it('never throws on any text', () => {
    const near = fc
      .record({
        jsonrpc: fc.constantFrom('2.0', '1.0'),
        id: fc.anything(),
        method: fc.anything(),
        params: fc.anything(),
      })
      .map((value) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), near), (text) => {
        expect(decodeRequest(text).ok).to.be.a('boolean');
        expect(decodeAnswer(text).ok).to.be.a('boolean');
      }),
    );
  });

  it('never throws on any value', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(decodeRequestValue(value).ok).to.be.a('boolean');
        expect(decodeEnvelope(value).ok).to.be.a('boolean');
      }),
    );
  });

  it('survives nesting as deep as a message may be long', () => {
    expect(decodeRequest('['.repeat(1 << 20))).to.include({ ok: false });
    expect(decodeRequest('{"a":'.repeat(1 << 17))).to.include({ ok: false });
  });

  it('keeps ids and results as they were', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.string({ maxLength: 128 })), fc.jsonValue(), (id, result) => {
        const decoded = decodeAnswer(encodeSuccess(id, result));
        expect(decoded).to.deep.equal({
          ok: true,
          value: { jsonrpc: '2.0', id, result: JSON.parse(JSON.stringify(result)) },
        });
      }),
    );
  });
});
