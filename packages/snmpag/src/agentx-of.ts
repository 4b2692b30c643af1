import { join } from 'node:path';
import type { Cluster } from '@softset/protocol';

/** Where snmpd and this agent meet: the cluster file's word, or a socket in the run directory. */
export function agentxOf(cluster: Cluster, runDir: string): string {
  return cluster.snmp?.agentx ?? `unix:${join(runDir, 'agentx.sock')}`;
}
