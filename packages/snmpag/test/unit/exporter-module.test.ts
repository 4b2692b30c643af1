import { exporterModule } from '@softset/snmpag/core/smi/exporter-module.js';
import { softsetMib } from '@softset/snmpag/core/softset/mib/module.js';
import { objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';
import { expect } from 'chai';

const text = exporterModule(softsetMib, 'softset');
const metricOf = (name: string): string => {
  const [, part = ''] = text.split(`      - name: ${name}\n`);
  return part.split('\n      - name: ')[0] ?? '';
};

describe("a module for Prometheus's snmp_exporter", () => {
  it('has each object that can be read, once, under its OID; and nothing that only notifications say', () => {
    const groups = softsetMib.groups.filter(({ name }) => name !== 'softsetNotifyObjects');
    const objects = groups.flatMap(({ scalars, tables }) => [
      ...Object.entries(scalars),
      ...tables.flatMap(({ columns }) => Object.entries(columns)),
    ]);
    const wanted = objects.flatMap(([name, { access }]) => (access === 'index' ? [] : [name]));
    expect([...text.matchAll(/- name: (\w+)/g)].map(([, name]) => name)).to.deep.equal(wanted);
    for (const name of wanted) expect(metricOf(name)).to.include(`oid: ${objectOid(name)?.join('.')}\n`);
  });

  it('a row is labelled by its index, a text at the end without its length', () => {
    expect(metricOf('softsetBoardState')).to.match(/labelname: softsetBoardNumber\n +type: gauge\n/);
    expect(metricOf('softsetServiceHolder')).to.match(
      /labelname: softsetServiceName\n +type: DisplayString\n +implied: true/,
    );
    const pool = metricOf('softsetPoolBoard');
    expect(pool).to.match(/labelname: softsetPoolService\n +type: DisplayString\n +- labelname/);
  });

  it('states are told by name, counts grow, and what walks is walked', () => {
    expect(metricOf('softsetBoardState')).to.include('type: EnumAsStateSet').and.include('6: down');
    expect(metricOf('softsetAgentAsked')).to.include('type: counter');
    expect(text).to.include(`      - ${softsetMib.base.join('.')}.2\n`);
  });
});
