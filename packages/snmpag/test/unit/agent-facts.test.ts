import { octetsOf } from '@softset/snmpag/core/octets.js';
import { type FactDef, factsDiffer, hearFacts, standingFacts } from '@softset/snmpag/core/relay/agent-facts.js';
import { expect } from 'chai';

const def = (name: string, last: number): FactDef => ({
  agent: 'switch-a',
  name,
  oid: [1, 3, 6, last],
  everyMs: 1000,
  freshMs: 3000,
});
const defs = [def('port', 1), def('fan', 2)];

describe('facts of agents behind', () => {
  it('are unknown before they were heard, and after their freshness', () => {
    expect(standingFacts(defs, new Map(), 0).map(({ value, ageMs }) => [value, ageMs])).to.deep.equal([
      [null, null],
      [null, null],
    ]);
    const heard = hearFacts(new Map(), defs, [{ name: [1, 3, 6, 1], value: { type: 'integer', value: 2 } }], 100);
    expect(standingFacts(defs, heard, 3099)[0]).to.deep.equal({
      agent: 'switch-a',
      name: 'port',
      value: 2,
      ageMs: 2999,
    });
    expect(standingFacts(defs, heard, 3100)[0]).to.deep.equal({
      agent: 'switch-a',
      name: 'port',
      value: null,
      ageMs: 3000,
    });
    expect(standingFacts(defs, heard, 200)[1]?.value, 'not in the answer').to.equal(null);
  });

  it('an instance that is gone is unknown at once', () => {
    const heard = hearFacts(new Map(), defs, [{ name: [1, 3, 6, 1], value: { type: 'integer', value: 2 } }], 0);
    const gone = hearFacts(heard, defs, [{ name: [1, 3, 6, 1], value: { type: 'no-such-instance' } }], 10);
    expect(standingFacts(defs, gone, 10)[0]?.value).to.equal(null);
  });

  it('a change of value or of knowing is news, an age is not', () => {
    const one = (value: number, nowMs: number) =>
      hearFacts(new Map(), defs, [{ name: [1, 3, 6, 1], value: { type: 'integer', value } }], nowMs);
    const at = (heard: ReturnType<typeof one>, nowMs: number) => standingFacts(defs, heard, nowMs);
    expect(factsDiffer(at(one(1, 0), 0), at(one(1, 0), 500))).to.equal(false);
    expect(factsDiffer(at(one(1, 0), 0), at(one(2, 0), 0))).to.equal(true);
    expect(factsDiffer(at(one(1, 0), 0), at(one(1, 0), 3000))).to.equal(true);
  });

  for (const [title, value, plain] of [
    ['text', { type: 'octets', value: octetsOf('up') }, 'up'],
    ['a MAC', { type: 'octets', value: Uint8Array.of(2, 0, 10, 1, 1, 3) }, '02:00:0a:01:01:03'],
    ['a great counter', { type: 'counter64', value: 2n ** 63n }, '9223372036854775808'],
    ['a counter', { type: 'counter64', value: 7n }, 7],
    ['an OID', { type: 'oid', value: [1, 3, 6] }, '1.3.6'],
    ['an address', { type: 'ip-address', value: Uint8Array.of(10, 1, 1, 3) }, '10.1.1.3'],
  ] as const) {
    it(`${title} is ${plain}`, () => {
      const heard = hearFacts(new Map(), defs, [{ name: [1, 3, 6, 1], value }], 0);
      expect(standingFacts(defs, heard, 0)[0]?.value).to.equal(plain);
    });
  }
});
