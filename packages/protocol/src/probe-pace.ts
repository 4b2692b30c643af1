import type { Program, ProgramFile } from './cluster.js';
import { probeShareMs, usualProbeMs } from './probe-schema.js';

type Unpaced = Omit<Program, 'probe'> & { readonly probe?: ProgramFile['probe'] };

/**
 * Says of each probe how often it is put. Who names no interval is asked every 500 ms, and on a board with more than ten
 * such programs less often while all is well: what asking costs does not grow with their number. Once an answer is
 * missing all are asked every 500 ms again, so that a hang is told from a hiccup as fast on a full board as on an empty one.
 */
export function settlePace(programs: readonly Unpaced[]): readonly Program[] {
  const sharing = new Map<number, number>();
  for (const { probe, boards } of programs) {
    if (!probe || probe.intervalMs !== undefined) continue;
    for (const board of boards) sharing.set(board, (sharing.get(board) ?? 0) + 1);
  }
  return programs.map(({ probe, ...program }): Program => {
    if (!probe) return program;
    const most = Math.max(0, ...program.boards.map((board) => sharing.get(board) ?? 0));
    const intervalMs = probe.intervalMs ?? Math.max(usualProbeMs, most * probeShareMs);
    const retryMs = probe.retryMs ?? probe.intervalMs ?? usualProbeMs;
    return { ...program, probe: { ...probe, intervalMs, retryMs } };
  });
}
