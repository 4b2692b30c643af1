import { unwrap } from '@softset/base';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';

const file = (geodhcp: string): string => `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  ccn: { id: 1, A: 10.1.1.20, B: 20.1.1.20, vote: true }
  io-1: { id: 2, A: 10.1.1.11, B: 20.1.1.11 }
geodhcp:
  boards: [ccn]
${geodhcp}`;
const switches = `  switches:
    sw-a: { network: A, address: 10.1.0.2, options: { mtu: 9000, raw: { '150': '0a010114' } } }
    sw-b: { network: B, address: 20.1.0.2 }
`;
const geo = (ports: string, before = '') => {
  const { geodhcp } = unwrap(parseClusterFile(file(`${before}${switches}  ports:\n${ports}`), 'x.yaml'));
  if (geodhcp === undefined) throw new Error('no section');
  return geodhcp;
};
const wrong = (ports: string, before = switches): string[] => {
  const parsed = parseClusterFile(file(`${before}  ports:\n${ports}`), 'x.yaml');
  return parsed.ok ? [] : parsed.message.split('\n').map((line) => line.replace(/^x.yaml:\d+: /, ''));
};

describe('the section geodhcp of the cluster file', () => {
  it('gives a board its address on the network of the switch', () => {
    const { places } = geo(
      '    - { switch: sw-a, port: p1, board: io-1 }\n    - { switch: sw-b, port: p1, board: io-1 }\n',
    );
    expect(places.map(({ id, name, network, addresses }) => [id, name, network, ...addresses])).to.deep.equal([
      ['sw-a/p1', 'io-1', 'A', '10.1.1.11'],
      ['sw-b/p1', 'io-1', 'B', '20.1.1.11'],
    ]);
  });

  it('fills in ranges: the number itself, or it and another', () => {
    const { places } = geo(
      "    - { switch: sw-a, port: 'ge-0/0/{9-10}', name: 'slot-{}', addresses: ['10.1.2.{+100}'], circuitId: 'ge{}' }\n",
    );
    expect(places.map(({ port, name, addresses, circuitId }) => [port, name, addresses[0], circuitId])).to.deep.equal([
      ['ge-0/0/9', 'slot-9', '10.1.2.109', '676539'],
      ['ge-0/0/10', 'slot-10', '10.1.2.110', '67653130'],
    ]);
  });

  it('takes the nearest option of file, network, switch and port; numbered ones by number', () => {
    const { places } = geo(
      "    - { switch: sw-a, port: p1, board: io-1, options: { domain: near, raw: { '151': '01' } } }\n    - { switch: sw-b, port: p1, board: io-1 }\n",
      '  options: { domain: far, mtu: 1500 }\n  networkOptions: { B: { mtu: 1400 } }\n',
    );
    expect(places.map(({ options }) => options)).to.deep.equal([
      { domain: 'near', mtu: 9000, raw: { '150': '0a010114', '151': '01' } },
      { domain: 'far', mtu: 1400 },
    ]);
  });

  it('names what does not fit together', () => {
    const cases: [string, string][] = [
      ['{ switch: sw-c, port: p1, board: io-1 }', 'geodhcp.ports[0].switch: unknown switch "sw-c"; known: sw-a, sw-b'],
      ['{ switch: sw-a, port: p1, board: io-9 }', 'unknown board "io-9"'],
      ['{ switch: sw-a, port: p1 }', 'sw-a/p1 needs either board or addresses'],
      ['{ switch: sw-a, port: p1, board: io-1, addresses: [10.1.2.1] }', 'needs either board or addresses'],
      ['{ switch: sw-a, port: p1, addresses: [20.1.2.1] }', '20.1.2.1 is outside network A'],
      ['{ switch: sw-a, port: p1, addresses: [10.1.1.11] }', "10.1.1.11 is board io-1's: say board: io-1"],
      ["{ switch: sw-a, port: p1, addresses: ['2001:db8::1'] }", 'is not an IPv4 address'],
      ["{ switch: sw-a, port: 'p{9-1}', addresses: ['10.1.2.{}'] }", 'the range 9-1 is empty'],
      ["{ switch: sw-a, port: 'p{1-99999}', addresses: ['10.1.2.{}'] }", 'more than 4096 ports'],
      ["{ switch: sw-a, port: 'p{1-2}', addresses: [10.1.2.1] }", '10.1.2.1 is given to sw-a/p1 already'],
      [
        "{ switch: sw-a, port: p1, board: io-1, options: { raw: { '54': '00' } } }",
        'option 54 belongs to the protocol',
      ],
    ];
    for (const [entry, complaint] of cases) expect(wrong(`    - ${entry}\n`).join('\n'), entry).to.contain(complaint);
    const twice = '    - { switch: sw-a, port: p1, board: io-1 }\n    - { switch: sw-a, port: p1, board: ccn }\n';
    expect(wrong(twice).join('\n')).to.contain("sw-a/p1 is io-1's already");
    const cisco = '  switches:\n    sw-a: { network: A, address: 10.1.0.2, profile: cisco, uplinks: { p9: sw-z } }\n';
    expect(wrong('    - { switch: sw-a, port: p1, board: io-1 }\n', cisco)).to.deep.equal([
      'geodhcp.switches.sw-a.uplinks.p9: unknown switch "sw-z"; known: sw-a',
      'geodhcp.switches.sw-a.vlans: the profile cisco needs the VLANs to ask for',
    ]);
  });
});
