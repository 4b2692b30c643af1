import { environmentOf, listPids, type ProcessStat, readStat } from './process-table.js';

/**
 * Every program carries a mark in its environment, which its descendants inherit: so psrmd finds its own again after a
 * crash, and what left the process group. The run directory tells apart two psrmds on one machine, as in a lab.
 */
export interface Owner {
  readonly board: string;
  /** Absolute, without links. */
  readonly runDir: string;
}

export interface Marked extends ProcessStat {
  readonly program: string;
  /** The life of the program that it was started in. */
  readonly number: number;
}

export function markOf(owner: Owner, program: string, number: number): Record<string, string> {
  return {
    SOFTSET_PROGRAM: program,
    SOFTSET_BOARD: owner.board,
    SOFTSET_RUN_DIR: owner.runDir,
    SOFTSET_START: String(number),
  };
}

/** The mark that one process bears, if it is this owner's; undefined as well where its environment may not be read. */
export function markOn(owner: Owner, pid: number): { readonly program: string; readonly number: number } | undefined {
  const variables = environmentOf(pid);
  const value = (name: string): string | undefined =>
    variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  const program = value('SOFTSET_PROGRAM');
  if (program === undefined) return undefined;
  if (value('SOFTSET_BOARD') !== owner.board || value('SOFTSET_RUN_DIR') !== owner.runDir) return undefined;
  return { program, number: Number(value('SOFTSET_START')) || 0 };
}

/** All living processes with this owner's mark. Costs some 30 µs for each process of the machine. */
export function findMarked(owner: Owner): Marked[] {
  return listPids().flatMap((pid) => {
    const mark = pid === process.pid ? undefined : markOn(owner, pid);
    const stat = mark && readStat(pid);
    return mark === undefined || stat === undefined || stat.dead ? [] : [{ ...stat, ...mark }];
  });
}

/**
 * The first process of a program's newest life among marked ones: psrmd makes each a session of its own, so it leads
 * one; of several leaders (a descendant may call setsid(2)) the oldest is the first.
 */
export function firstProcess(marked: readonly Marked[], program: string): Marked | undefined {
  return marked
    .filter((one) => one.program === program && one.session === one.pid)
    .sort((a, b) => b.number - a.number || a.startTicks - b.startTicks || a.pid - b.pid)[0];
}
