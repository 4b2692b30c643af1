import type { Program } from './cluster.js';
import type { Finding } from './cluster-check.js';

const lists = ['after', 'requires'] as const;

/** What cannot be put in order: names that nobody has, what runs on other boards, and circles. */
export function checkOrder(programs: readonly Program[], unknown: (name: string) => string): readonly Finding[] {
  const findings: Finding[] = [];
  const byName = new Map(programs.map((program) => [program.name, program]));
  for (const program of programs) {
    for (const list of lists) {
      program[list].forEach((other, i) => {
        const path = ['programs', program.name, list, i];
        const base = byName.get(other);
        if (base === undefined) findings.push({ path, message: unknown(other) });
        else if (list === 'requires' && program.boards.some((board) => !base.boards.includes(board)))
          findings.push({ path, message: `${other} does not run on every board that runs ${program.name}` });
      });
    }
    const circle = circleFrom(program, byName);
    // Told once, by the first of those in it.
    if (circle && [...circle].sort()[0] === program.name)
      findings.push({
        path: ['programs', program.name],
        message: `waits for itself: ${[...circle, program.name].join(' after ')}`,
      });
  }
  return findings;
}

/** The programs on a way from this one back to itself. */
function circleFrom(start: Program, byName: ReadonlyMap<string, Program>): readonly string[] | undefined {
  const seen = new Set<string>();
  const walk = (program: Program, way: readonly string[]): readonly string[] | undefined => {
    for (const next of [...program.after, ...program.requires]) {
      if (next === start.name) return way;
      const base = byName.get(next);
      if (base === undefined || seen.has(next)) continue;
      seen.add(next);
      const found = walk(base, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(start, [start.name]);
}
