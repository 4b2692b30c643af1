import type { Cluster } from '@softset/protocol';
import { ENTITY_MIB } from '../entity/entity-leaves.js';
import { ENTITY_STATE_MIB } from '../entity/entity-state.js';
import { IF_ENTRY, IFX_ENTRY } from '../entity/inventory.js';
import { IF_NUMBER } from '../entity/merged-interfaces.js';
import type { Oid } from '../oid.js';
import type { Registration } from '../session/types.js';
import { signedContext, signers } from '../set/set-by.js';
import { BASE_OID } from './base-oid.js';

/**
 * All that an agent behind may have: standard MIBs and those of enterprises (1.3), those of IEEE 802.1AB (1.0, LLDP) and
 * of IEEE 802.3 (1.2). snmpd confirms a registration of iso(1) as a whole, and then finds nothing below it.
 */
const EVERYTHING: readonly Oid[] = [
  [1, 0],
  [1, 2],
  [1, 3],
];

/** In front of snmpd's own IF-MIB, whose priority is 127: its machine is one of the boards, and has rows among the others. */
const BEFORE_SNMPD = 60;

const tableOf = (entry: Oid): Oid => entry.slice(0, -1);

/** What this agent answers for: SOFTSET-MIB, the merged tables, and each agent behind in the context of its name. */
export function registrations(cluster: Cluster): readonly Registration[] {
  const agents = cluster.snmp?.agents ?? [];
  const merged = [IF_NUMBER, tableOf(IF_ENTRY), tableOf(IFX_ENTRY)];
  return [
    { context: '', subtree: BASE_OID },
    // Where a SET is known to be a user's own.
    ...signers(cluster.snmp).map((user) => ({ context: signedContext(user), subtree: BASE_OID })),
    { context: '', subtree: ENTITY_MIB },
    { context: '', subtree: ENTITY_STATE_MIB },
    // Without agents behind there is nothing to merge, and snmpd's own interfaces are what there is.
    ...(agents.length === 0 ? [] : merged.map((subtree) => ({ context: '', subtree, priority: BEFORE_SNMPD }))),
    ...agents.flatMap(({ name }) => EVERYTHING.map((subtree) => ({ context: name, subtree }))),
  ];
}
