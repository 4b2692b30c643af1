import { fdbQuestion, OID, readFdb, type Varbind } from '@softset/geodhcp/core/bridge-mib.js';
import { textBytes } from '@softset/geodhcp/core/dhcp-options.js';
import { buildView } from '@softset/geodhcp/core/switch-view.js';
import { expect } from 'chai';

const mac = '02:00:00:00:00:ff';
const index = '2.0.0.0.0.255';
const row = (oid: string, value: number | string): Varbind => ({
  oid,
  value: typeof value === 'number' ? value : textBytes(value),
});
const plain = { name: 'switch-a', uplinks: {}, lldp: true };

describe('the forwarding table', () => {
  const asked = fdbQuestion(mac, [1, 20]);
  const answer = (...values: (number | undefined)[]): Varbind[] => asked.map((oid, i) => ({ oid, value: values[i] }));
  const ports = (...values: (number | undefined)[]): readonly number[] | string => {
    const heard = readFdb(asked, answer(...values));
    return heard.ok ? heard.value.basePorts : heard.code;
  };

  it('is asked by exact instance, in both MIBs, in one GET', () => {
    expect(asked).to.deep.equal([
      OID.sysUpTime,
      `${OID.dot1dPort}.${index}`,
      `${OID.dot1dStatus}.${index}`,
      `${OID.dot1qPort}.1.${index}`,
      `${OID.dot1qStatus}.1.${index}`,
      `${OID.dot1qPort}.20.${index}`,
      `${OID.dot1qStatus}.20.${index}`,
    ]);
  });

  it('port 0, self, management and invalid entries are no answer; a missing status is forgiven', () => {
    const none = undefined;
    expect(ports(9, 7, 3, none, none, none, none)).to.deep.equal([7]);
    expect(ports(9, 7, none, none, none, none, none)).to.deep.equal([7]);
    expect(ports(9, none, none, none, none, 4, 3)).to.deep.equal([4]);
    expect(ports(9, 7, 3, 7, 3, none, none), 'both tables say the same').to.deep.equal([7]);
    expect(ports(9, 7, 3, 8, 3, none, none), 'both tables differ').to.deep.equal([7, 8]);
    for (const status of [1, 2, 4, 5]) expect(ports(9, 7, status, 0, 3, none, none)).to.deep.equal([]);
  });

  it('an agent that answers something else is not believed', () => {
    expect(readFdb(asked, []).ok).to.equal(false);
    expect(readFdb(asked, [...answer(9, 7, 3)].reverse()).ok).to.equal(false);
    expect(ports(undefined, 7, 3)).to.equal('SNMP_ODD');
    expect(ports(9, 1.5, 3)).to.equal('SNMP_ODD');
  });
});

describe('the view of a switch', () => {
  const names = [
    row(`${OID.ifName}.1001`, 'ge1'),
    row(`${OID.ifName}.1002`, 'ge2'),
    row(`${OID.ifDescr}.1003`, 'port three'),
    row(`${OID.ifName}.2000`, 'po1'),
  ];
  const base = [1, 2, 3].map((n) => row(`${OID.basePortIfIndex}.${n}`, 1000 + n));

  it('maps the base port by its table, never as the ifIndex, and falls back on the description', () => {
    const { ports } = buildView([...names, ...base], 5, plain, new Map());
    expect([...ports].map(([n, { name }]) => [n, name])).to.deep.equal([
      [1, 'ge1'],
      [2, 'ge2'],
      [3, 'port three'],
    ]);
    expect(buildView(names, 5, plain, new Map()).ports.size).to.equal(0);
    const unnamed = [row(`${OID.basePortIfIndex}.4`, 1004)];
    expect(buildView([...names, ...unnamed], 5, plain, new Map()).ports.size, 'a port without a name yet').to.equal(0);
  });

  it('knows an aggregate by its members, and a member by its aggregate', () => {
    const lag = [
      row(`${OID.basePortIfIndex}.9`, 2000),
      row(`${OID.lagOfPort}.1001`, 2000),
      row(`${OID.lagOfPort}.1002`, 2000),
      row(`${OID.lagOfPort}.1003`, 0),
    ];
    const { ports } = buildView([...names, ...base, ...lag], 5, { ...plain, uplinks: { ge2: 'switch-b' } }, new Map());
    expect(ports.get(9)).to.deep.equal({ name: 'po1', names: ['po1', 'ge1', 'ge2'], uplink: 'switch-b' });
    expect(ports.get(1)?.names).to.deep.equal(['ge1', 'po1']);
    expect(ports.get(3)?.uplink).to.equal(undefined);
  });

  it('takes uplinks from LLDP, where the neighbour is one of our switches', () => {
    const lldp = [
      row(`${OID.lldpLocalPortId}.7`, 'ge2'),
      row(`${OID.lldpRemoteSysName}.0.7.1`, 'Chassis-B'),
      row(`${OID.lldpRemoteSysName}.0.1.1`, 'board-9'),
    ];
    const known = new Map([['chassis-b', 'switch-b']]);
    expect(buildView([...names, ...base, ...lldp], 5, plain, known).ports.get(2)?.uplink).to.equal('switch-b');
    expect(buildView([...names, ...base, ...lldp], 5, plain, known).ports.get(1)?.uplink).to.equal(undefined);
    expect(buildView([...names, ...base, ...lldp], 5, { ...plain, lldp: false }, known).ports.get(2)?.uplink).to.equal(
      undefined,
    );
  });

  it('all fdb ids of dot1q are asked for, whatever VLAN they stand for', () => {
    const rows = [0, 17, 4].map((id) => row(`${OID.dot1qFdbCount}.${id}`, 1));
    expect(buildView(rows, 5, plain, new Map()).fdbIds).to.deep.equal([0, 4, 17]);
  });
});
