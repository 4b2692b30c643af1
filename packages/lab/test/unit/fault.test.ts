import { unwrap } from '@softset/base';
import { faultId, oneShot, parseFault } from '@softset/lab/fault.js';
import { faultRules } from '@softset/lab/switch-rules.js';
import { parseTopology } from '@softset/lab/topology.js';
import { expect } from 'chai';

const topology = unwrap(
  parseTopology('boards:\n  a: { A: 10.1.1.1/16, B: 20.1.1.1/16 }\n  b: { A: 10.1.1.2/16 }\n', 'x.yaml'),
);
const read = (kind: string, target: string, option?: string) => parseFault(kind, target, option, topology);

describe('a fault as a person writes it', () => {
  for (const [kind, target, option, id, once] of [
    ['link-down', 'a:B', undefined, 'link-down a:B', false],
    ['switch-down', 'A', undefined, 'switch-down A', false],
    ['switch-mute', 'B', undefined, 'switch-mute B', false],
    ['trunk-down', '', undefined, 'trunk-down', false],
    ['crash', 'b', undefined, 'crash b', false],
    ['freeze', 'a', undefined, 'freeze a', false],
    ['freeze', 'a:all', undefined, 'freeze a:all', false],
    ['kill', 'a:d', undefined, 'kill a:d', true],
    ['kill', 'a:d', '--for-good', 'kill a:d', false],
    ['program-kill', 'a:p', undefined, 'program-kill a:p', true],
    ['program-hang', 'a:p', undefined, 'program-hang a:p', false],
    ['one-way', 'a:A', undefined, 'one-way a:A', false],
    ['deaf', 'b:A', undefined, 'deaf b:A', false],
    ['partition', 'a|b', undefined, 'partition a|b', false],
    ['loss', 'a:A', '10%', 'loss a:A', false],
    ['iface-down-up', 'a:A', undefined, 'iface-down-up a:A', true],
    ['flush-nft', 'a', undefined, 'flush-nft a', true],
  ] as const) {
    it(`reads ${kind} ${target} ${option ?? ''}`, () => {
      const fault = unwrap(read(kind, target, option));
      expect(faultId(fault)).to.equal(id);
      expect(oneShot(fault)).to.equal(once);
    });
  }

  for (const [kind, target, option, says] of [
    ['explode', 'a', undefined, 'there are link-down'],
    ['link-down', 'z:A', undefined, 'there are a, b'],
    ['link-down', 'b:B', undefined, 'of a link that the board has'],
    ['link-down', 'a', undefined, 'BOARD:A'],
    ['switch-down', 'C', undefined, 'A or B'],
    ['kill', 'a', undefined, 'BOARD:DAEMON'],
    ['kill', 'a:d', '--softly', '--for-good'],
    ['loss', 'a:A', undefined, 'percentage'],
    ['loss', 'a:A', '0%', 'percentage'],
    ['loss', 'a:A', '101', 'percentage'],
    ['partition', 'a', undefined, 'two sets'],
    ['partition', 'a|', undefined, 'two sets'],
    ['partition', 'a|a,b', undefined, 'both sides'],
    ['partition', 'a|z', undefined, 'no board "z"'],
  ] as const) {
    it(`refuses ${kind} ${target} ${option ?? ''}`, () => {
      const result = read(kind, target, option);
      if (result.ok) throw new Error('was taken');
      expect(result.message).to.contain(says);
    });
  }
});

describe('the rules of a switch', () => {
  const faults = (...list: [string, string, string?][]) => list.map(([k, t, o]) => unwrap(read(k, t, o)));

  it('are those of its own network only', () => {
    const rules = faultRules(topology, 'A', faults(['one-way', 'a:B'], ['deaf', 'b:A']));
    expect(rules).to.contain('out oifname "b" drop').and.not.contain('iifname "a"');
  });

  it('drop all before anything else where the switch is mute', () => {
    const rules = faultRules(topology, 'A', faults(['loss', 'a:A', '5%'], ['switch-mute', 'A'])).split('\n');
    expect(rules.find((rule) => rule.startsWith('add rule netdev lab in'))).to.equal('add rule netdev lab in drop');
  });

  it('mark each side of a partition and keep it from the other', () => {
    const rules = faultRules(topology, 'A', faults(['partition', 'a|b']));
    expect(rules).to.contain('in iifname { "a" } meta mark set 1');
    expect(rules).to.contain('in iifname { "b" } meta mark set 2');
    expect(rules).to.contain('out oifname { "a" } meta mark { 2, 3 } drop');
    expect(rules).to.contain('out oifname { "b" } meta mark { 1, 3 } drop');
    expect(rules).to.contain('in iifname "trunk" ether saddr { 02:00:0a:01:01:02 } meta mark set 2');
  });
});
