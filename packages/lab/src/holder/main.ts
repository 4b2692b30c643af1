import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { parseFault } from '../fault.js';
import { serveLines } from '../json-lines.js';
import type { LabSpec, LabState } from '../lab-state.js';
import { processStat } from '../process-table.js';
import { Chassis } from './chassis.js';
import { FaultDesk } from './fault-desk.js';

/**
 * The holder of one lab: the process in whose namespaces everything of the lab lives. Arguments: the lab's directory, and
 * the pid of PID 1 of this process namespace as the outside sees it. When it ends, by itself or by SIGKILL, the kernel
 * ends every process and namespace of the lab.
 */
const [labDir = '', outerPid = '0'] = process.argv.slice(2);
const spec = JSON.parse(readFileSync(join(labDir, 'spec.json'), 'utf8')) as LabSpec;
const chassis = new Chassis(spec.topology, labDir);
const desk = new FaultDesk(chassis);

function report(state: LabState['state'], message?: string): void {
  const told: LabState = {
    name: spec.name,
    state,
    pid: Number(outerPid),
    startTicks: processStat(1)?.startTicks ?? 0,
    userNamespace: spec.userNamespace,
    createdAt: spec.createdAt,
    ...(message === undefined ? {} : { message }),
  };
  const file = join(labDir, 'state.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(told, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function status(): unknown {
  const boards = [...chassis.boards].map(([name, machine]) => ({ name, pid: machine.firstPid ?? null }));
  return { name: spec.name, boards, faults: desk.standing };
}

/** Words for healing that say it better. */
const curedBy = new Map([
  ['return', 'crash'],
  ['thaw', 'freeze'],
]);

async function command(method: string, params: Record<string, unknown>): Promise<Result<unknown>> {
  const { kind, target, option } = params as { kind?: string; target?: string; option?: string };
  switch (method) {
    case 'status':
      return ok(status());
    case 'fault': {
      const fault = parseFault(kind ?? '', target ?? '', option, spec.topology);
      return fault.ok ? desk.fault(fault.value) : fault;
    }
    case 'heal':
      return desk.heal(kind === undefined ? undefined : `${curedBy.get(kind) ?? kind} ${target ?? ''}`.trim());
    default:
      return fail('LAB_UNKNOWN_COMMAND', `the lab has no command "${method}"`);
  }
}

report('starting');
if (spec.lifeMs > 0) setTimeout(() => process.exit(0), spec.lifeMs);
try {
  const built = await chassis.build();
  if (!built.ok) throw new Error(`${built.code}: ${built.message}`);
  await serveLines(join(labDir, 'holder.sock'), command);
  report('up');
} catch (error) {
  report('failed', (error as Error).message);
  process.exit(1);
}
