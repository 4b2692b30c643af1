import type { Program } from './cluster.js';

/**
 * How long an order to stop a program may take, KILL included, in ms: those that stand on it are stopped before, the
 * longest way of them one after the other. The checked configuration has no circles.
 */
export function stopMsOf(program: Program, all: readonly Program[]): number {
  const standing = all.filter(({ after, requires }) => after.includes(program.name) || requires.includes(program.name));
  return program.stop.timeoutMs + Math.max(0, ...standing.map((one) => stopMsOf(one, all)));
}
