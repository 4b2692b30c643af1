import { type Failure, fail } from '@softset/base';
import { type PsrmClient, psrmClient } from '@softset/client';
import type { ProgramStatus } from '@softset/protocol';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { width } from '../status/render.js';
import { table } from '../status/table.js';
import { duration } from '../status/words.js';
import { oneTarget, type Target, type TargetOptions } from '../targets.js';

export type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset', retry: 'none' } as const;
/** Stopping a program may take its stop signal's time and then some. */
const orderMs = 20_000;

/** `softset psrm list`, and `status` with or without one program's name. */
export async function psrmStatusCommand(program: string | undefined, options: Options): Promise<number> {
  return withPsrm(options, async (client) => {
    const answer = await client.call('status', {});
    if (!answer.ok) return refuse(answer);
    const programs = answer.value.programs.filter((one) => program === undefined || one.program === program);
    if (program !== undefined && programs.length === 0) return refuse(unknownProgram(program, answer.value.programs));
    print(options.json ? JSON.stringify(programs, undefined, 2) : programTable(programs));
    return exitCodes.done;
  });
}

/** `softset psrm start|stop|restart PROGRAM`. */
export async function psrmOrderCommand(
  order: 'start' | 'stop' | 'restart',
  program: string,
  options: Options,
): Promise<number> {
  return withPsrm(options, async (client) => {
    const answer = await client.call(order, { program }, { timeoutMs: orderMs });
    if (!answer.ok) return refuse(answer);
    const done = { start: 'is wanted, and is being started', stop: 'is stopped', restart: 'is restarted' }[order];
    print(options.json ? JSON.stringify({ program, order }) : `${program} ${done}`);
    return exitCodes.done;
  });
}

/** `softset psrm clear`. */
export async function psrmClearCommand(options: Options): Promise<number> {
  return withPsrm(options, async (client, target) => {
    const answer = await client.call('clear', {});
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify({ order: 'clear' }) : `${target.name} is trusted again`);
    return exitCodes.done;
  });
}

/** Asks the psrmd of one board. */
export async function withPsrm(
  options: Options,
  work: (client: PsrmClient, target: Target) => Promise<number>,
): Promise<number> {
  const target = await oneTarget(options);
  if (!target.ok) return refuse(target);
  const client = psrmClient(target.value.runDir, once);
  try {
    const ready = await client.ready();
    return ready.ok
      ? await work(client, target.value)
      : refuse(ready, 'start psrmd, or name its directory with --run-dir');
  } finally {
    client.close();
  }
}

function programTable(programs: readonly ProgramStatus[]): string {
  const nowMs = Number(process.hrtime.bigint()) / 1e6;
  const rows = programs.map((p) => [
    p.program,
    p.state,
    duration(nowMs - p.sinceMs),
    p.pid === undefined ? '-' : String(p.pid),
    p.role ?? '-',
    String(p.restarts),
    p.wanted ? 'yes' : 'no',
    remark(p),
  ]);
  const head = ['PROGRAM', 'STATE', 'SINCE', 'PID', 'ROLE', 'RESTARTS', 'WANTED', 'REMARK'];
  return table([head, ...rows], width).join('\n');
}

/** What an operator wants to know of it first. */
function remark({ state, waitsFor, trouble, says, lastEnd }: ProgramStatus): string {
  if (waitsFor !== undefined) return `waits for ${waitsFor}`;
  if (state === 'in-trouble' || state === 'not-responding') return trouble ?? '-';
  return says ?? lastEnd ?? '-';
}

export function unknownProgram(program: string, known: readonly ProgramStatus[]): Failure {
  const names = known.map((one) => one.program).join(', ') || 'none';
  return fail('UNKNOWN_PROGRAM', `this board has no program "${program}"; it has: ${names}`);
}
