import type { Cluster, Fault } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { mergedInterfaces } from '@softset/snmpag/core/entity/merged-interfaces.js';
import type { Behind } from '@softset/snmpag/core/relay/behind.js';
import { switchWord } from '@softset/snmpag/core/softset/switch-word.js';
import { expect } from 'chai';
import { behind } from '../behind-facts.js';
import { clusterText } from '../fixture.js';

/** The agent of behind-facts as a switch: its one interface, `a0`, is up (1). */
function switchA(status: number, phase: 'answering' | 'silent' = 'answering'): Behind {
  const [one] = behind.inventory?.interfaces ?? [];
  if (behind.inventory === undefined || one === undefined) throw new Error('no interface');
  const columns = new Map([...one.columns, [8, { type: 'integer', value: status }] as const]);
  return {
    ...behind,
    agent: { ...behind.agent, name: 'switch-a', number: 65 },
    target: { ...behind.target, phase },
    inventory: { ...behind.inventory, interfaces: [{ ...one, columns }] },
  };
}

function cluster(geodhcp: string): Cluster {
  const read = parseClusterFile(`${clusterText}${geodhcp}`, 'c.yaml');
  if (!read.ok) throw new Error(read.message);
  return read.value;
}
const mapped = cluster(`geodhcp:
  boards: [cpu-1]
  switches: { switch-a: { network: A, address: 10.1.0.2 } }
  ports: [{ switch: switch-a, port: a0, board: io-1 }]
`);
const fault = (target: string): Fault => ({ kind: 'link-failed', target, sinceMs: 0, evidence: 'nobody hears it' });
const word = (map: Cluster, agent: Behind, target: string) => switchWord(map, mergedInterfaces([agent]))(fault(target));

describe('what a switch says beside a fault', () => {
  for (const [title, map, agent, target, wanted] of [
    ['its port is down', mapped, switchA(2), 'io-1:A', '; switch-a says that its port a0 is down'],
    ['a lower layer is down', mapped, switchA(7), 'io-1:A', '; switch-a says that its port a0 is down'],
    ['its port is up', mapped, switchA(1), 'io-1:A', '; switch-a says that its port a0 is up'],
    ['of a whole board', mapped, switchA(2), 'io-1', '; switch-a says that its port a0 is down'],
    ['nothing of the other network', mapped, switchA(2), 'io-1:B', ''],
    ['nothing of another board', mapped, switchA(2), 'cpu-2:A', ''],
    ['nothing while it is silent itself', mapped, switchA(2, 'silent'), 'io-1:A', ''],
    ['nothing where it does not know', mapped, switchA(4), 'io-1:A', ''],
    ['nothing without a port map', cluster(''), switchA(2), 'io-1:A', ''],
  ] as const) {
    it(title, () => {
      expect(word(map, agent, target)).to.equal(wanted);
    });
  }
});
