import { fail } from '@softset/base';
import {
  decodeAnswer,
  decodeRequest,
  encodeFailure,
  encodeSuccess,
  failureOf,
  rpcErrorNumbers,
} from '@softset/protocol/json-rpc.js';
import { expect } from 'chai';

describe('JSON-RPC 2.0 messages', () => {
  const refusals: [title: string, text: string, code: string, id: number | string | null][] = [
    ['text that is not JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar"]', 'RPC_PARSE_ERROR', null],
    ['nothing', '', 'RPC_PARSE_ERROR', null],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"a"}]', 'RPC_INVALID_REQUEST', null],
    ['a bare value', '17', 'RPC_INVALID_REQUEST', null],
    ['null', 'null', 'RPC_INVALID_REQUEST', null],
    ['another version', '{"jsonrpc":"1.0","id":7,"method":"a"}', 'RPC_INVALID_REQUEST', 7],
    ['a method that is no name (§4)', '{"jsonrpc":"2.0","id":"x","method":1}', 'RPC_INVALID_REQUEST', 'x'],
    ['an empty method', '{"jsonrpc":"2.0","id":1,"method":""}', 'RPC_INVALID_REQUEST', 1],
    [
      'params that are no structure (§4.2)',
      '{"jsonrpc":"2.0","id":1,"method":"a","params":3}',
      'RPC_INVALID_REQUEST',
      1,
    ],
    ['an id of another kind', '{"jsonrpc":"2.0","id":{},"method":"a"}', 'RPC_INVALID_REQUEST', null],
    [
      'a null id, which could not be told from an error',
      '{"jsonrpc":"2.0","id":null,"method":"a"}',
      'RPC_INVALID_REQUEST',
      null,
    ],
    ['an infinite id', '{"jsonrpc":"2.0","id":1e999,"method":"a"}', 'RPC_INVALID_REQUEST', null],
    ['an endless id', `{"jsonrpc":"2.0","id":"${'x'.repeat(129)}","method":"a"}`, 'RPC_INVALID_REQUEST', null],
  ];
  for (const [title, text, code, id] of refusals) {
    it(`refuses ${title} under the id that can be read`, () => {
      const decoded = decodeRequest(text);
      expect(decoded).to.include({ ok: false, code, id });
    });
  }

  it('reads a request and a notification, and drops what it does not know', () => {
    expect(decodeRequest('{"jsonrpc":"2.0","id":3,"method":"a","params":{"b":1},"extra":1}')).to.deep.equal({
      ok: true,
      value: { jsonrpc: '2.0', id: 3, method: 'a', params: { b: 1 } },
    });
    expect(decodeRequest('{"jsonrpc":"2.0","method":"a"}')).to.deep.equal({
      ok: true,
      value: { jsonrpc: '2.0', method: 'a' },
    });
  });

  it('writes an answer without a result as null (§5)', () => {
    expect(encodeSuccess(1, undefined)).to.equal('{"jsonrpc":"2.0","id":1,"result":null}');
    expect(decodeAnswer(encodeSuccess('x', { a: [1] }))).to.deep.equal({
      ok: true,
      value: { jsonrpc: '2.0', id: 'x', result: { a: [1] } },
    });
  });

  it('keeps the code of a failure across the wire, with the numbers of §5.1', () => {
    for (const [code, number] of [...Object.entries(rpcErrorNumbers), ['SERVICE_UNKNOWN', -32000] as const]) {
      const text = encodeFailure(1, fail(code, 'why'));
      const answer = decodeAnswer(text);
      if (!answer.ok || !('error' in answer.value)) throw new Error(`not an error answer: ${text}`);
      expect(answer.value.error.code).to.equal(number);
      expect(failureOf(answer.value.error)).to.deep.equal(fail(code, 'why'));
    }
  });

  it('names an error that came without a word by its number', () => {
    expect(failureOf({ code: -32601, message: 'no' }).code).to.equal('RPC_METHOD_NOT_FOUND');
    expect(failureOf({ code: 12, message: 'no' }).code).to.equal('RPC_ERROR');
    expect(failureOf({ code: -32000, message: 'no' }).code).to.equal('RPC_ERROR');
  });

  for (const text of [
    '{',
    '3',
    '[]',
    '{"jsonrpc":"2.0"}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","id":1,"error":{}}',
  ]) {
    it(`does not take ${text} for an answer`, () => expect(decodeAnswer(text).ok).to.equal(false));
  }
});
