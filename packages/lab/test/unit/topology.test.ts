import { unwrap } from '@softset/base';
import { boardMac, macTable, parseTopology } from '@softset/lab/topology.js';
import { expect } from 'chai';

const good = `
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1 }
daemons:
  - { name: d1, command: [/bin/true] }
  - { name: d2, command: [/bin/true], restart: false, boards: [cpu-1] }
boards:
  cpu-1: { A: 10.1.1.1/16, B: [20.1.1.1/16, 'fd00::1/64'] }
  cpu-2: { A: 10.1.1.2/16, daemons: [{ name: d3, command: [x] }] }
`;

describe('a topology file', () => {
  it('gives boards their ports, and daemons where they belong', () => {
    const topology = unwrap(parseTopology(good, 'x.yaml'));
    expect(topology.trunk).to.equal(true);
    expect(topology.boards.map((b) => [b.name, b.ports.map((p) => `${p.device} ${p.ip}`)])).to.deep.equal([
      ['cpu-1', ['a0 10.1.1.1', 'b0 20.1.1.1']],
      ['cpu-2', ['a0 10.1.1.2']],
    ]);
    expect(topology.boards.map((b) => b.daemons.map((d) => `${d.name} ${d.restart}`))).to.deep.equal([
      ['d1 true', 'd2 false'],
      ['d1 true', 'd3 true'],
    ]);
  });

  it('takes more daemons as data', () => {
    const topology = unwrap(parseTopology(good, 'x.yaml', [{ name: 'd4', command: ['y'], boards: ['cpu-2'] }]));
    expect(topology.boards[1]?.daemons.map((d) => d.name)).to.deep.equal(['d1', 'd4', 'd3']);
    expect(topology.boards[0]?.daemons.map((d) => d.name)).to.deep.equal(['d1', 'd2']);
  });

  it('with agents: a daemon more on each board, at its private addresses; switches as declared', () => {
    const snmp =
      'snmp: { community: lab, port: 1161, switches: { A: { address: 10.1.250.1/16, overlay: { fdbId: 7 } } } }';
    const topology = unwrap(parseTopology(`${snmp}\n${good}`, 'x.yaml'));
    expect(topology.boards.map((b) => b.daemons.map((d) => d.name))).to.deep.equal([
      ['d1', 'd2', 'agent'],
      ['d1', 'agent', 'd3'],
    ]);
    const script = topology.boards[0]?.daemons.at(-1)?.command.join(' ');
    expect(script).to.include('udp:10.1.1.1:1161 udp:20.1.1.1:1161').and.include('rwcommunity lab');
    expect(topology.snmp?.switches.A).to.deep.equal({ address: '10.1.250.1/16', overlay: { fdbId: 7 }, more: [] });
  });

  it('makes each MAC of the board’s private address', () => {
    expect(boardMac('10.1.1.11')).to.equal('02:00:0a:01:01:0b');
    const table = macTable(unwrap(parseTopology(good, 'x.yaml')));
    expect([...table]).to.deep.equal([
      ['02:00:0a:01:01:01', 'cpu-1'],
      ['02:00:14:01:01:01', 'cpu-1'],
      ['02:00:0a:01:01:02', 'cpu-2'],
    ]);
  });

  for (const [what, text, line, message] of [
    ['an unknown field', 'boards:\n  a:\n    A: 10.1.1.1/16\n    colour: red\n', 4, 'boards.a.colour'],
    ['an address without a length', 'boards:\n  a:\n    A: 10.1.1.1\n', 3, 'boards.a.A'],
    ['IPv6 first', 'boards:\n  a:\n    B: fd00::1/64\n', 3, 'boards.a.B: the first address must be IPv4'],
    ['one address twice', 'boards:\n  a: { A: 10.1.1.1/16 }\n  b: { A: 10.1.1.1/16 }\n', 3, '10.1.1.1 is a’s already'],
    ['a name of the lab', 'boards:\n  trunk: { A: 10.1.1.1/16 }\n', 2, 'the lab’s own'],
    ['a name too long for a port', 'boards:\n  a234567890123456: { A: 10.1.1.1/16 }\n', 2, 'a234567890123456'],
    ['a board with no link', 'trunk: true\nboards:\n  a: {}\n', 3, 'needs a link to network A or B'],
    ['a leg to nowhere', 'boards:\n  r: { A: 10.1.1.1/16, outside: 1.2.3.4/24 }\n', 2, 'no outside segment'],
    [
      'a daemon of no board',
      'daemons: [{ name: d, command: [x], boards: [z] }]\nboards:\n  a: { A: 10.1.1.1/16 }\n',
      1,
      '"z"',
    ],
    ['a community of two words', 'snmp: { community: a b }\nboards:\n  a: { A: 10.1.1.1/16 }\n', 1, 'snmp.community'],
    [
      'a subtree that is none',
      'snmp:\n  community: x\n  switches:\n    A: { address: 10.1.0.2/16, more: [1.3] }\nboards:\n  a: { A: 10.1.1.1/16 }\n',
      4,
      'snmp.switches.A.more',
    ],
    ['no boards', 'boards: {}\n', 1, 'at least one board'],
    ['a board named twice', 'boards:\n  a: { A: 10.1.1.1/16 }\n  a: { A: 10.1.1.2/16 }\n', 3, 'unique'],
    [
      'a gateway elsewhere',
      'outside: { client: 1.2.3.4/24, gateway: 5.6.7.8 }\nboards:\n  a: { A: 10.1.1.1/16 }\n',
      1,
      '5.6.7.8',
    ],
  ] as const) {
    it(`refuses ${what}, with file, line and field`, () => {
      const result = parseTopology(text, 'x.yaml');
      if (result.ok) throw new Error('was taken');
      expect(result.code).to.equal('TOPOLOGY_INVALID');
      expect(result.message).to.match(new RegExp(`^x\\.yaml:${line}: `));
      expect(result.message).to.contain(message);
    });
  }
});
