import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, type Result } from '@softset/base';
import { boardByName, type SwitchPortState } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { errnoFailure } from '@softset/runtime/errno.js';
import { switchPorts } from './ports.js';
import { openSession } from './session.js';

/**
 * `redirect-fence --cluster FILE --board NAME --ports down|up|as-they-are`: the switch ports of a board. A process of its
 * own: SNMP's library is seldom needed, and redirectd stays small. One JSON line on standard output; exit 0 when both
 * ports are as they were wished, and were seen so; 1 with `CODE: message` on standard error; 100 usage.
 */
const WISHES = ['down', 'up', 'as-they-are'] as const;

async function main(args: readonly string[]): Promise<number> {
  const read = options(args);
  if (!read.ok) return refuse(read, 100);
  const { file, name, wanted } = read.value;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return refuse(errnoFailure(error, `read the cluster file ${file}`));
  }
  const cluster = parseClusterFile(text, file);
  if (!cluster.ok) return refuse(cluster);
  const board = boardByName(cluster.value, name);
  if (board === undefined) return refuse(fail('UNKNOWN_BOARD', `${file} has no board "${name}"`));
  const untilMs = performance.now() + (board.switchPorts?.timeoutMs ?? 0);
  const open = async (agentName: string) => {
    const agent = cluster.value.snmp?.agents.find((one) => one.name === agentName);
    if (agent === undefined) return fail('UNKNOWN_AGENT', `${file} has no SNMP agent "${agentName}"`);
    return openSession(agent, (secret) => resolve(dirname(file), secret));
  };
  const done: Result<readonly SwitchPortState[]> = await switchPorts(board, wanted, open, untilMs);
  if (!done.ok) return refuse(done);
  process.stdout.write(`${JSON.stringify({ ports: done.value })}\n`);
  return 0;
}

function options(
  args: readonly string[],
): Result<{ file: string; name: string; wanted: (typeof WISHES)[number] }, 'USAGE'> {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: { cluster: text, board: text, ports: text } });
    const wanted = WISHES.find((one) => one === values.ports);
    if (values.cluster !== undefined && values.board !== undefined && wanted !== undefined)
      return { ok: true, value: { file: values.cluster, name: values.board, wanted } };
  } catch {
    // Said below.
  }
  return fail('USAGE', `redirect-fence --cluster FILE --board NAME --ports ${WISHES.join('|')}`);
}

function refuse(failure: { readonly code: string; readonly message: string }, exitCode = 1): number {
  process.stderr.write(`${failure.code}: ${failure.message}\n`);
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
