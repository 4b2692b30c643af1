import { OID } from '@softset/geodhcp/core/bridge-mib.js';
import { learnedMacs, portMapText } from '@softset/geodhcp/core/learn.js';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';
import { clusterOf, FILE } from '../world.js';

const one = '2.0.0.0.0.1';
const two = '2.0.0.0.0.2';

describe('a port map is learned', () => {
  it('from what both tables learned, and from nothing else', () => {
    const row = (oid: string, value: number) => ({ oid, value });
    const found = learnedMacs([
      row(`${OID.dot1dPort}.${one}`, 7),
      row(`${OID.dot1dStatus}.${one}`, 3),
      row(`${OID.dot1dPort}.2.0.0.0.0.9`, 7),
      row(`${OID.dot1dStatus}.2.0.0.0.0.9`, 4),
      row(`${OID.dot1qPort}.17.${one}`, 7),
      row(`${OID.dot1qPort}.17.${two}`, 8),
      row(`${OID.dot1qStatus}.17.${two}`, 3),
      row(`${OID.dot1dPort}.2.0.0.0.0.3`, 0),
      row(`${OID.dot1dPort}.1.2`, 5),
      row(`${OID.dot1dPort}.2.0.0.0.0.300`, 5),
    ]);
    expect([...found].map(([port, macs]) => [port, ...macs])).to.deep.equal([
      [7, '02:00:00:00:00:01'],
      [8, '02:00:00:00:00:02'],
    ]);
  });

  it('is good as it stands, keeps the places that there are, and says what it does not know', () => {
    const { geodhcp, boards } = clusterOf();
    const plugged = [
      { switch: 'switch-a', port: 'p1', macs: ['02:00:00:00:00:01'] },
      { switch: 'switch-a', port: 'p10', macs: ['02:00:00:00:00:02'] },
      { switch: 'switch-a', port: 'p9', macs: ['02:00:00:00:00:03'] },
      { switch: 'switch-b', port: 'p9', macs: ['02:00:00:00:00:04'] },
    ];
    const addresses = new Map([
      ['02:00:00:00:00:02', '10.1.2.10'],
      ['02:00:00:00:00:03', '10.1.1.20'],
    ]);
    const text = portMapText(plugged, geodhcp?.places ?? [], boards, (mac) => addresses.get(mac));
    expect(text.split('\n').slice(0, 2)).to.deep.equal([
      'ports:',
      '  - { switch: switch-a, port: "p1", board: io-1 } # 02:00:00:00:00:01',
    ]);
    expect(text.split('\n').slice(-3)).to.deep.equal([
      '  - { switch: switch-a, port: "p9", board: ccn } # 02:00:00:00:00:03',
      '  - { switch: switch-a, port: "p10", addresses: [10.1.2.10] } # 02:00:00:00:00:02',
      '  # switch switch-b, port p9: 02:00:00:00:00:04, whose address is not known here',
    ]);
    const whole = `${FILE.slice(0, FILE.indexOf('  ports:'))}${text.replaceAll(/^/gm, '  ')}\n`;
    const parsed = parseClusterFile(whole, 'learned.yaml');
    expect(parsed.ok ? '' : parsed.message).to.equal('');
  });
});
