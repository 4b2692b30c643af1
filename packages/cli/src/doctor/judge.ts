import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import { fault } from './finding.js';
import { clusterFindings } from './judge-cluster.js';
import { daemonFindings } from './judge-daemons.js';
import { fileFindings } from './judge-files.js';
import { kernelFindings } from './judge-kernel.js';
import { networkFindings } from './judge-networks.js';

/** All that is wrong, faults first, each in the order in which it is best mended. */
export function judge(facts: Facts): Finding[] {
  const findings = [
    ...configuration(facts),
    ...fileFindings(facts),
    ...networkFindings(facts),
    ...kernelFindings(facts),
    ...daemonFindings(facts),
    ...clusterFindings(facts.state),
  ];
  return [
    ...findings.filter((one) => one.severity === 'fault'),
    ...findings.filter((one) => one.severity === 'warning'),
  ];
}

function configuration({ cluster, clusterProblem, clusterFile, board }: Facts): Finding[] {
  if (clusterProblem !== undefined) {
    const todo = `mend ${clusterFile} (softset-cluster(5)), or copy it from a board that works; softset init makes a first one`;
    return [fault('CLUSTER_FILE', clusterProblem, todo)];
  }
  if (cluster === undefined || cluster.boards.some(({ name }) => name === board)) return [];
  const known = cluster.boards.map(({ name }) => name).join(', ');
  return [
    fault(
      'UNKNOWN_BOARD',
      `this board is called "${board}", and the cluster file has ${known}`,
      'write BOARD=NAME into /etc/default/softset, or add the board to the file on every board',
    ),
  ];
}
