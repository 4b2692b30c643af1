import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { setBy, signedContext, signers } from '@softset/snmpag/core/set/set-by.js';
import { expect } from 'chai';
import { clusterText } from '../fixture.js';

function snmp(section: string) {
  const read = parseClusterFile(`${clusterText}snmp:\n  ${section}\n`, 'c.yaml');
  if (!read.ok) throw new Error(read.message);
  return read.value.snmp;
}

const rw = (name: string) => `${name}: { access: read-write, passwordFile: f }`;

describe('who made a SET', () => {
  const two = snmp(
    `users: { ${rw('ann')}, ${rw('bob')}, eve: { passwordFile: f }, dan: { access: signed, passwordFile: f } }`,
  );

  for (const [title, section, context, wanted] of [
    [
      'the only one who may',
      two && { ...two, users: two.users.filter(({ name }) => name !== 'bob') },
      '',
      { user: 'ann' },
    ],
    ['one of two: no guess', two, '', { oneOf: ['ann', 'bob'] }],
    ['signed', two, 'by:bob', { user: 'bob' }],
    ['signed by one who may in no other way', two, 'by:dan', { user: 'dan' }],
    ['a context by the name of one who may not', two, 'by:eve', { oneOf: ['ann', 'bob'] }],
    ['without an snmp section nobody', undefined, '', { oneOf: [] }],
  ] as const) {
    it(title, () => {
      expect(setBy(section, context)).to.deep.equal(wanted);
    });
  }

  it('a community may be who it was, in its own context alone', () => {
    const both = snmp(
      `users: { ${rw('ann')} }
  communities: [{ file: c, from: 10.0.0.0/8, access: read-write, context: io-1 }]
  agents: { io-1: { communityFile: d } }`,
    );
    expect(setBy(both, '')).to.deep.equal({ user: 'ann' });
    expect(setBy(both, 'io-1')).to.deep.equal({ oneOf: ['ann', 'community c'] });
  });

  it('no board, switch or user can be called like such a context', () => {
    expect(signers(two).map(signedContext)).to.deep.equal(['by:ann', 'by:bob', 'by:dan']);
    expect(() => snmp('agents: { "by:ann": { number: 65, addresses: [10.1.0.2], communityFile: c } }')).to.throw(
      'agents',
    );
  });
});
