import { fail, ok } from '@softset/base';
import { OBJECT_NAMES, objectOf, setObject, type Variable } from '@softset/redirect/fence/set-object.js';
import { expect } from 'chai';

const [INTEGER, TEXT, COUNTER, UNSIGNED] = [2, 4, 65, 66];

/** An agent with these variables; `deaf`: it says yes and does nothing. */
function agentOf(
  variables: Record<string, { type: number; value: number | string }>,
  deaf = false,
): Variable & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    read: async (oid) => {
      const found = variables[oid];
      return found === undefined ? fail('OBJECT_UNKNOWN', `the agent has no ${oid}`) : ok(found);
    },
    write: async (oid, type, value) => {
      written.push(`${oid} ${type} ${value}`);
      if (!deaf) variables[oid] = { type, value };
      return ok(undefined);
    },
  };
}

const admin = '1.3.6.1.2.1.2.2.1.7.12';
const facts = { fanSpeed: '1.3.6.1.4.1.9.1.0', label: '1.3.6.1.4.1.9.2.0', packets: '1.3.6.1.4.1.9.3.0' };
const chassis = () => ({
  [admin]: { type: INTEGER ?? 0, value: 1 },
  [facts.fanSpeed]: { type: UNSIGNED ?? 0, value: 1000 },
  [facts.label]: { type: TEXT ?? 0, value: 'old' },
  [facts.packets]: { type: COUNTER ?? 0, value: 5 },
});

describe('a variable that a rule sets', () => {
  const good: readonly (readonly [object: string, value: string, written: string])[] = [
    ['ifAdminStatus.12', 'down', `${admin} 2 2`],
    ['ifAdminStatus.12', '3', `${admin} 2 3`],
    [admin, '2', `${admin} 2 2`],
    ['fanSpeed', '4000000000', `${facts.fanSpeed} 66 4000000000`],
    ['label', '12', `${facts.label} 4 12`],
  ];
  for (const [object, value, written] of good) {
    it(`${object} to ${value}: in the type that the agent has for it`, async () => {
      const agent = agentOf(chassis());
      expect(await setObject(object, value, facts, agent)).to.include({ ok: true });
      expect(agent.written).to.deep.equal([written]);
    });
  }

  const bad: readonly (readonly [object: string, value: string, code: string, words: string])[] = [
    ['ifAdminStat.12', 'down', 'OBJECT_UNKNOWN', 'ifAdminStatus.INDEX'],
    ['ifAdminStatus', 'down', 'OBJECT_UNKNOWN', 'fanSpeed'],
    ['__proto__', '1', 'OBJECT_UNKNOWN', 'no object "__proto__"'],
    ['ifAdminStatus.13', 'down', 'OBJECT_UNKNOWN', 'the agent has no 1.3.6.1.2.1.2.2.1.7.13'],
    [
      'ifAdminStatus.12',
      'dwon',
      'VALUE_UNFIT',
      '"dwon" is no number from -2147483648 to 2147483647, up, down, testing',
    ],
    ['ifAdminStatus.12', '1.5', 'VALUE_UNFIT', 'no number'],
    ['ifAdminStatus.12', 'constructor', 'VALUE_UNFIT', 'no number'],
    ['fanSpeed', '-1', 'VALUE_UNFIT', 'from 0 to 4294967295'],
    ['packets', '7', 'VALUE_UNFIT', 'BER tag 65'],
  ];
  for (const [object, value, code, words] of bad) {
    it(`${object} to ${value}: ${code}, and nothing is written`, async () => {
      const agent = agentOf(chassis());
      const done = await setObject(object, value, facts, agent);
      expect(done).to.include({ ok: false, code });
      expect((done as { message: string }).message).to.include(words);
      expect(agent.written).to.deep.equal([]);
    });
  }

  it('an agent that says yes and does nothing has done nothing', async () => {
    const done = await setObject('ifAdminStatus.12', 'down', facts, agentOf(chassis(), true));
    expect(done).to.include({ code: 'SET_NOT_SEEN', message: 'ifAdminStatus.12 is 1 still, and not 2' });
  });

  it('each name has an OID of its own', () => {
    const oids = OBJECT_NAMES.map((name) => objectOf(`${name}.1`, {}));
    expect(new Set(oids.map((one) => (one.ok ? one.value.oid : ''))).size).to.equal(OBJECT_NAMES.length);
  });
});
