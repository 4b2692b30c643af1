import { nowMs } from '@softset/runtime/now-ms.js';
import type { KeptRecord } from './adapters/kept-file.js';
import { firstProcess, type Marked } from './adapters/mark.js';
import { readPidFile } from './adapters/pid-file.js';
import { isAlive, tickMs, uptimeMs } from './adapters/process-table.js';
import type { Instance } from './core/events.js';
import { instanceOf } from './follower.js';

/** What a returning psrmd finds of a program. */
export type Found =
  /** `cgroup`: it is in the one that was written down. */
  | { readonly kind: 'runs'; readonly instance: Instance; readonly cgroup: boolean }
  /** It was written down as running, and does not run any more. */
  | { readonly kind: 'ended'; readonly instance: Instance }
  | { readonly kind: 'nothing' };

export interface Search {
  readonly program: string;
  readonly pidFile: string | undefined;
  readonly record: KeptRecord | undefined;
  /** All living processes with the program's mark. */
  readonly marked: readonly Marked[];
  /** Whether a process belongs to the life that was written down. */
  readonly belongs: (life: Instance, pid: number) => boolean;
}

/** A program is known by pid and start time; where psrmd ended before it could write those down, by its mark. */
export function findInstance(search: Search): Found {
  const { program, record, marked } = search;
  const known = record?.kept.instance;
  if (known && isAlive(known.pid, known.startTicks)) return { kind: 'runs', instance: known, cgroup: true };
  const behind = inBackground(search, known);
  if (behind) return { kind: 'runs', instance: behind, cgroup: true };
  const first = firstProcess(marked, program);
  // Of a life that was written down and has ended, what is found is only what it left behind, though it may lead a
  // session.
  if (first && (known ? first.number > known.number : first.number >= (record?.kept.number ?? 0))) {
    const { number, pid, startTicks } = first;
    const instance = { number, pid, startTicks, startedMs: startedMsOf(startTicks) };
    return { kind: 'runs', instance, cgroup: false };
  }
  return known ? { kind: 'ended', instance: known } : { kind: 'nothing' };
}

/** A process of ours that the PID file names, though psrmd ended before it was told of it. */
function inBackground({ pidFile, marked, belongs }: Search, known: Instance | undefined): Instance | undefined {
  const pid = pidFile === undefined ? undefined : readPidFile(pidFile);
  if (pid === undefined) return undefined;
  if (known && belongs(known, pid)) return instanceOf(pid, known);
  const one = marked.find((process) => process.pid === pid);
  if (one === undefined || one.number < (known?.number ?? 0)) return undefined;
  return instanceOf(pid, { ...one, startedMs: startedMsOf(one.startTicks) });
}

function startedMsOf(startTicks: number): number {
  return nowMs() - (uptimeMs() - startTicks * tickMs);
}
