import { setTimeout as sleep } from 'node:timers/promises';
import { fail, ok, type Result } from '@softset/base';
import { type Board, NETWORKS, type Network, type SnmpAgent, type SwitchPortState } from '@softset/protocol';
import type { Variable } from './set-object.js';

/** What of SNMP is needed of a switch's agent. Errors: `AGENT_SILENT`, `AGENT_REFUSED`. */
export interface AgentSession extends Variable {
  /** Instances and their values; one that is not there is left out. */
  get(oids: readonly string[]): Promise<Result<ReadonlyMap<string, number | string>>>;
  /** A column, by the rest of its instances' OIDs. */
  walk(column: string): Promise<Result<ReadonlyMap<string, number | string>>>;
  setInteger(oid: string, value: number): Promise<Result<void>>;
  close(): void;
}

/** IF-MIB (RFC 2863). */
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1';
const IF_DESCR = '1.3.6.1.2.1.2.2.1.2';
const IF_ADMIN_STATUS = '1.3.6.1.2.1.2.2.1.7';
const IF_OPER_STATUS = '1.3.6.1.2.1.2.2.1.8';
const ADMIN = { up: 1, down: 2 } as const;
/** down, notPresent, lowerLayerDown: nothing passes. What is unknown, or being tested, may pass. */
const PASSES_NOTHING: ReadonlySet<unknown> = new Set([2, 6, 7]);
/** Between two looks at whether the port is down by now. */
const LOOK_MS = 50;

interface Found {
  readonly network: Network;
  readonly agent: string;
  readonly port: string;
  readonly index: string;
  /** The instance that names it: an index may be another port's after the switch was started again. */
  readonly nameOid: string;
  readonly before: SwitchPortState;
  readonly session: AgentSession;
}

/**
 * Both ports of a board as they are, or both put down, and seen down, or both put up. Both are found before either is
 * touched; where one then fails, the other is put back: a board that is half cut off is neither fenced nor well.
 * Errors: `NO_SWITCH_PORTS`, `PORT_UNKNOWN`, `PORT_AMBIGUOUS`, `PORT_STILL_UP`, and those of sessions.
 */
export async function switchPorts(
  board: Board,
  wanted: 'as-they-are' | 'up' | 'down',
  open: (agent: SnmpAgent['name']) => Promise<Result<AgentSession>>,
  untilMs: number,
): Promise<Result<readonly SwitchPortState[]>> {
  const ports = board.switchPorts;
  if (ports === undefined) return fail('NO_SWITCH_PORTS', `the cluster file has no switchPorts of ${board.name}`);
  const looked = await Promise.all(NETWORKS.map((network) => find(network, ports[network], open)));
  const found = looked.flatMap((one) => (one.ok ? [one.value] : []));
  try {
    const missing = looked.find((one) => !one.ok);
    if (missing?.ok === false) return missing;
    if (wanted === 'as-they-are') return ok(found.map(({ before }) => before));
    const done = await Promise.all(found.map((one) => put(one, wanted, untilMs)));
    const failed = done.find((one) => !one.ok);
    if (failed === undefined) return ok(done.flatMap((one) => (one.ok ? [one.value] : [])));
    if (wanted === 'down') {
      const changed = found.filter(({ before }) => before.admin === 'up');
      await Promise.all(
        changed.map(({ session, index }) => session.setInteger(`${IF_ADMIN_STATUS}.${index}`, ADMIN.up)),
      );
    }
    return failed;
  } finally {
    for (const { session } of found) session.close();
  }
}

async function find(
  network: Network,
  { agent, port }: { readonly agent: string; readonly port: string },
  open: (agent: string) => Promise<Result<AgentSession>>,
): Promise<Result<Found>> {
  const opened = await open(agent);
  if (!opened.ok) return opened;
  const session = opened.value;
  const failed = <T>(answer: Result<T>): Result<never> => {
    session.close();
    return answer.ok ? fail('PORT_UNKNOWN', port) : fail(answer.code, `${agent}: ${answer.message}`);
  };
  for (const column of [IF_NAME, IF_DESCR]) {
    const names = await session.walk(column);
    if (!names.ok) return failed(names);
    const [first, ...others] = [...names.value].filter(([, value]) => value === port).map(([index]) => index);
    if (others.length > 0) return failed(fail('PORT_AMBIGUOUS', `${others.length + 1} ports are called ${port}`));
    if (first === undefined) continue;
    const half = { network, agent, port, index: first, nameOid: `${column}.${first}`, session };
    const before = await look(half);
    return before.ok ? ok({ ...half, before: before.value }) : failed(before);
  }
  return failed(fail('PORT_UNKNOWN', `no port is called ${port}, by ifName or ifDescr`));
}

async function look(one: Omit<Found, 'before'>): Promise<Result<SwitchPortState>> {
  const { network, agent, port, index, nameOid, session } = one;
  const [admin, oper] = [`${IF_ADMIN_STATUS}.${index}`, `${IF_OPER_STATUS}.${index}`];
  const values = await session.get([nameOid, admin, oper]);
  if (!values.ok) return values;
  if (values.value.get(nameOid) !== port) return fail('PORT_UNKNOWN', `port ${index} is not called ${port} any more`);
  return ok({
    ...{ network, agent, port },
    admin: values.value.get(admin) === ADMIN.down ? 'down' : 'up',
    oper: PASSES_NOTHING.has(values.value.get(oper)) ? 'down' : 'up',
  });
}

/** Set, and seen: an agent that says yes and does nothing has fenced nobody. */
async function put(one: Found, wanted: 'up' | 'down', untilMs: number): Promise<Result<SwitchPortState>> {
  const { agent, port, index, session } = one;
  const set = await session.setInteger(`${IF_ADMIN_STATUS}.${index}`, ADMIN[wanted]);
  if (!set.ok) return fail(set.code, `${agent}: ${set.message}`);
  for (;;) {
    const now = await look(one);
    if (!now.ok) return fail(now.code, `${agent}: ${now.message}`);
    const { admin, oper } = now.value;
    // Up is what the operator wished; whether there is carrier is the board's business.
    if (admin === wanted && (wanted === 'up' || oper === 'down')) return now;
    if (performance.now() + LOOK_MS >= untilMs)
      return fail('PORT_STILL_UP', `${agent}: ${port} is ${admin} by ifAdminStatus, ${oper} by ifOperStatus`);
    await sleep(LOOK_MS);
  }
}
