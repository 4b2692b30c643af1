import { parsePrefix, unwrap } from '@softset/base';
import { chainsFor, type Frame, fateIn, type NftObject } from '@softset/cli/doctor/firewall.js';
import { expect } from 'chai';

const beat: Frame = {
  device: 'eth0',
  incoming: true,
  port: 7413,
  own: '10.1.0.1',
  subnet: unwrap(parsePrefix('10.1.0.0/16')),
  multicast: false,
};
const chain = (policy: 'accept' | 'drop', more: object = {}): NftObject => ({
  chain: { family: 'inet', table: 't', name: 'in', type: 'filter', hook: 'input', policy, ...more },
});
const rule = (name: string, ...expr: readonly Record<string, unknown>[]): NftObject => ({
  rule: { family: 'inet', table: 't', chain: name, handle: 9, expr },
});
const match = (left: object, right: unknown, op = '=='): Record<string, unknown> => ({ match: { op, left, right } });
const port = (right: unknown, op = '==') => match({ payload: { protocol: 'udp', field: 'dport' } }, right, op);
const [accept, drop] = [{ accept: null }, { drop: null }];
const state = (right: unknown) => match({ ct: { key: 'state' } }, right, 'in');

describe('what a firewall does to a frame of ours', () => {
  const cases: readonly [string, readonly NftObject[], string, Partial<Frame>?][] = [
    ['its policy', [chain('drop')], 'dropped by its policy'],
    ['a policy that accepts', [chain('accept')], 'passes'],
    ['a rule that drops all', [chain('accept'), rule('in', { counter: {} }, drop)], 'dropped by rule 9'],
    ['a rule that rejects all', [chain('accept'), rule('in', { reject: null })], 'dropped by rule 9'],
    ['a rule for another port', [chain('accept'), rule('in', port(53), drop)], 'passes'],
    [
      'a rule for TCP',
      [chain('accept'), rule('in', match({ payload: { protocol: 'tcp', field: 'dport' } }, 7413), drop)],
      'passes',
    ],
    [
      'an accept before the drop',
      [chain('drop'), rule('in', port({ set: [22, { range: [7413, 7415] }] }), accept)],
      'passes',
    ],
    [
      'what is for connections that stand',
      [chain('drop'), rule('in', state(['established', 'related']), accept)],
      'dropped by its policy',
    ],
    ['what is for new ones, too', [chain('drop'), rule('in', state(['new', 'established']), accept)], 'passes'],
    [
      'an accept for another device',
      [chain('drop'), rule('in', match({ meta: { key: 'iifname' } }, 'lo'), accept)],
      'dropped by its policy',
    ],
    [
      'an accept for devices by a pattern',
      [chain('drop'), rule('in', match({ meta: { key: 'iifname' } }, 'eth*'), accept)],
      'passes',
    ],
    ['all but our port', [chain('accept'), rule('in', port(7413, '!='), drop)], 'passes'],
    ['all but another port', [chain('accept'), rule('in', port(53, '!='), drop)], 'dropped by rule 9'],
    [
      'an accept for the whole network',
      [
        chain('drop'),
        rule(
          'in',
          match({ payload: { protocol: 'ip', field: 'saddr' } }, { prefix: { addr: '10.0.0.0', len: 8 } }),
          accept,
        ),
      ],
      'passes',
    ],
    [
      'an accept for one board of it',
      [chain('drop'), rule('in', match({ payload: { protocol: 'ip', field: 'saddr' } }, '10.1.0.2'), accept)],
      'unclear by its policy',
    ],
    [
      'a drop for another network',
      [
        chain('accept'),
        rule(
          'in',
          match({ payload: { protocol: 'ip', field: 'saddr' } }, { prefix: { addr: '20.1.0.0', len: 16 } }),
          drop,
        ),
      ],
      'passes',
    ],
    [
      'a limit before the accept',
      [chain('drop'), rule('in', port(7413), { limit: {} }, accept)],
      'unclear by its policy',
    ],
    ['a limit before the drop', [chain('accept'), rule('in', port(7413), { limit: {} }, drop)], 'passes'],
    ['what iptables asks in its own words', [chain('drop'), rule('in', { xt: {} }, accept)], 'unclear by its policy'],
    [
      'a chain that it jumps to',
      [chain('drop'), rule('in', { jump: { target: 'own' } }), rule('own', port(7413), accept)],
      'passes',
    ],
    [
      'a chain that returns',
      [chain('drop'), rule('in', { jump: { target: 'own' } }), rule('own', { return: null }), rule('own', accept)],
      'dropped by its policy',
    ],
    [
      'a chain that goes round for ever',
      [chain('drop'), rule('in', { jump: { target: 'in' } })],
      'dropped by its policy',
    ],
    [
      'a named set with it',
      [
        chain('drop'),
        { set: { family: 'inet', table: 't', name: 's', elem: [22, { range: [7413, 7415] }] } },
        rule('in', port('@s'), accept),
      ],
      'passes',
    ],
    [
      'a named set without it',
      [chain('drop'), { set: { family: 'inet', table: 't', name: 's', elem: [22] } }, rule('in', port('@s'), accept)],
      'dropped by its policy',
    ],
    ['a set that nobody lists', [chain('drop'), rule('in', port('@gone'), accept)], 'unclear by its policy'],
    [
      'a map of verdicts by TCP ports',
      [chain('drop'), rule('in', { vmap: { key: { payload: { protocol: 'tcp', field: 'dport' } }, data: {} } })],
      'dropped by its policy',
    ],
    ['an ARP that is dropped', [chain('drop', { family: 'arp' })], 'dropped by its policy', { port: 0 }],
    ['ARP where UDP is dropped', [chain('drop')], 'passes', { port: 0 }],
    ['what leaves, where what comes is dropped', [chain('drop')], 'passes', { incoming: false }],
    ['what leaves', [chain('drop', { hook: 'output' })], 'dropped by its policy', { incoming: false }],
    ['another device of netdev', [chain('drop', { family: 'netdev', hook: 'ingress', dev: ['eth9'] })], 'passes'],
    [
      'its device of netdev',
      [chain('drop', { family: 'netdev', hook: 'ingress', dev: 'eth0' })],
      'dropped by its policy',
    ],
    ['a chain of IPv6', [chain('drop', { family: 'ip6' })], 'passes'],
  ];
  for (const [title, ruleset, wanted, more] of cases)
    it(`${title}: ${wanted}`, () => {
      const frame = { ...beat, ...more };
      const fates = chainsFor(ruleset, frame).map((one) => fateIn(ruleset, one, frame));
      const [worst] = fates.filter(({ kind }) => kind !== 'passes');
      expect(worst === undefined || worst.kind === 'passes' ? 'passes' : `${worst.kind} ${worst.by}`).to.equal(wanted);
    });
});
