import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '@softset/base';
import { boardByName, type Cluster } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { errnoFailure } from '@softset/runtime/errno.js';
import { switchPorts } from './ports.js';
import { openSession } from './session.js';
import { setObject } from './set-object.js';

/**
 * `redirect-fence --cluster FILE --board NAME --ports down|up|as-they-are`: the switch ports of a board.
 * `redirect-fence --cluster FILE --agent NAME --set OBJECT --value VALUE`: one variable of an agent, for a rule's snmp-set.
 *
 * A process of its own: SNMP's library is seldom needed, and redirectd stays small. One JSON line on standard output;
 * exit 0 when all is as it was wished, and was seen so; 1 with `CODE: message` on standard error; 100 usage.
 */
const WISHES = ['down', 'up', 'as-they-are'] as const;

type Options = { readonly file: string } & (
  | { readonly board: string; readonly wanted: (typeof WISHES)[number] }
  | { readonly agent: string; readonly object: string; readonly value: string }
);

async function main(args: readonly string[]): Promise<number> {
  const read = options(args);
  if (!read.ok) return refuse(read, 100);
  const cluster = clusterIn(read.value.file);
  if (!cluster.ok) return refuse(cluster);
  const done = await perform(cluster.value, read.value);
  if (!done.ok) return refuse(done);
  process.stdout.write(`${JSON.stringify(done.value)}\n`);
  return 0;
}

async function perform(cluster: Cluster, wish: Options): Promise<Result<unknown>> {
  const { file } = wish;
  const agentOf = (name: string) => cluster.snmp?.agents.find((one) => one.name === name);
  const open = async (name: string) => {
    const agent = agentOf(name);
    if (agent === undefined) return fail('UNKNOWN_AGENT', `${file} has no SNMP agent "${name}"`);
    return openSession(agent, (secret) => resolve(dirname(file), secret));
  };
  if ('board' in wish) {
    const board = boardByName(cluster, wish.board);
    if (board === undefined) return fail('UNKNOWN_BOARD', `${file} has no board "${wish.board}"`);
    const untilMs = performance.now() + (board.switchPorts?.timeoutMs ?? 0);
    const ports = await switchPorts(board, wish.wanted, open, untilMs);
    return ports.ok ? ok({ ports: ports.value }) : ports;
  }
  const session = await open(wish.agent);
  if (!session.ok) return session;
  const facts = Object.entries(agentOf(wish.agent)?.facts ?? {}).map(([name, { oid }]) => [name, oid] as const);
  const set = await setObject(wish.object, wish.value, Object.fromEntries(facts), session.value);
  session.value.close();
  return set.ok ? set : fail(set.code, `${wish.agent}: ${set.message}`);
}

function clusterIn(file: string): Result<Cluster> {
  try {
    return parseClusterFile(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return errnoFailure(error, `read the cluster file ${file}`);
  }
}

function options(args: readonly string[]): Result<Options, 'USAGE'> {
  const text = { type: 'string' } as const;
  const known = { cluster: text, board: text, ports: text, agent: text, set: text, value: text };
  try {
    const {
      cluster: file,
      board,
      ports,
      agent,
      set: object,
      value,
    } = parseArgs({ args: [...args], options: known }).values;
    const wanted = WISHES.find((one) => one === ports);
    if (file !== undefined && board !== undefined && wanted !== undefined) return ok({ file, board, wanted });
    if (file !== undefined && agent !== undefined && object !== undefined && value !== undefined)
      return ok({ file, agent, object, value });
  } catch {
    // Said below.
  }
  const either = `--board NAME --ports ${WISHES.join('|')} | --agent NAME --set OBJECT --value VALUE`;
  return fail('USAGE', `redirect-fence --cluster FILE (${either})`);
}

function refuse(failure: { readonly code: string; readonly message: string }, exitCode = 1): number {
  process.stderr.write(`${failure.code}: ${failure.message}\n`);
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
