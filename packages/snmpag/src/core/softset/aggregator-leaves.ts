import type { NowMs } from '@softset/base';
import { interfaceName, type MergedInterface } from '../entity/merged-interfaces.js';
import type { AnyLeaf } from '../mib/view.js';
import { textOf } from '../octets.js';
import { type Behind, isStale } from '../relay/behind.js';
import { tableLeaves } from '../smi/bind.js';
import { BASE_OID } from './base-oid.js';
import { agentTable, interfaceTable } from './mib/aggregator.js';
import { GROUP } from './mib/module.js';

/** The aggregator's own tables: which agents there are, how they do, and whose rows are whose. */
export function aggregatorLeaves(
  behind: readonly Behind[],
  interfaces: readonly MergedInterface[],
  nowMs: NowMs,
): AnyLeaf[] {
  const group = [...BASE_OID, GROUP.aggregator];
  const age = (sinceMs: number | undefined) => (sinceMs === undefined ? undefined : Math.max(nowMs() - sinceMs, 0));
  const agents = behind.map((one) => [[one.agent.number], one] as const);
  const rows = interfaces.map((one) => [[one.index], one] as const);
  return [
    ...tableLeaves(group, agentTable, agents, {
      softsetAgentName: ({ agent }) => agent.name,
      softsetAgentState: ({ target }) => target.phase,
      softsetAgentStateAge: ({ target }) => age(target.sinceMs),
      softsetAgentHeardAge: ({ target }) => age(target.heardMs),
      softsetAgentAddress: ({ agent }) => `${agent.addresses.join(' ')} port ${agent.port}`,
      softsetAgentLatency: ({ latencyMs }) => (latencyMs === undefined ? undefined : latencyMs * 1000),
      softsetAgentAsked: ({ counts }) => counts.asked,
      softsetAgentAnswered: ({ counts }) => counts.answered,
      softsetAgentSilences: ({ counts }) => counts.silences,
      softsetAgentRefused: ({ counts }) => counts.refused,
      softsetAgentInterfaces: ({ inventory }) => inventory?.interfaces.length,
      softsetAgentReadAge: ({ inventory }) => age(inventory?.readMs),
      softsetAgentNotifications: ({ counts }) => counts.notifications,
    }),
    ...tableLeaves(group, interfaceTable, rows, {
      softsetInterfaceAgent: (row) => row.behind.agent.name,
      softsetInterfaceOwnIndex: ({ own }) => own.index,
      softsetInterfaceName: ({ own }) => textOf(interfaceName(own)),
      softsetInterfaceStale: (row) => isStale(row.behind),
      softsetInterfaceReadAge: (row) => age(row.behind.inventory?.readMs),
    }),
  ];
}
