import type { NetrackState } from '@softset/protocol';
import { alarmWords, faultWords } from '../status/words.js';

/** What differs between two states of one netrackd, a line each; everything that stands, when there is no earlier one. */
export function changesOf(before: NetrackState | undefined, after: NetrackState): string[] {
  const lines: string[] = [];
  const name = (id: number): string => after.boards.find((board) => board.board === id)?.name ?? 'nobody';
  const differs = (what: string, was: string | undefined, is: string): void => {
    if (was !== is) lines.push(was === undefined ? `${what}: ${is}` : `${what}: ${was} → ${is}`);
  };
  differs('director', before && name(before.director), name(after.director));
  differs('term', before && String(before.term), String(after.term));
  for (const board of after.boards) {
    const was = before?.boards.find((one) => one.board === board.board);
    differs(board.name, was?.verdict, board.verdict);
    for (const network of ['A', 'B'] as const) {
      const words = (works: boolean): string => (works ? 'works' : 'lost');
      // A path that works is no news at first, and of a board that is gone its verdict says enough.
      if (board.verdict !== 'down' && (was !== undefined || !board.paths[network])) {
        differs(`${board.name} on ${network}`, was && words(was.paths[network]), words(board.paths[network]));
      }
    }
    for (const program of board.programs) {
      const then = was?.programs.find((one) => one.program === program.program);
      differs(`${program.program} on ${board.name}`, then?.state, program.state);
      if (then !== undefined && program.restarts > then.restarts)
        lines.push(`${program.program} on ${board.name}: restarted`);
    }
  }
  for (const service of after.services) {
    const was = before?.services.find((one) => one.service === service.service);
    const words = ({ phase, holder, next }: typeof service): string => {
      const to = next && phase === 'moving' ? ` to ${name(next.board)}` : '';
      return `${phase}${holder ? ` by ${name(holder.board)}` : ''}${to}`;
    };
    const cause = service.cause === '' || service.cause === was?.cause ? '' : ` (${service.cause})`;
    differs(`service ${service.service}`, was && words(was), `${words(service)}`);
    if (cause !== '' && lines.at(-1)?.startsWith(`service ${service.service}:`)) lines[lines.length - 1] += cause;
  }
  lines.push(
    ...listChanges(
      before?.faults ?? [],
      after.faults,
      (f) => `${f.kind} ${f.target}`,
      (f) => `${faultWords(f)}: ${f.evidence}`,
      (f) => `no longer: ${faultWords(f)}`,
    ),
  );
  lines.push(
    ...listChanges(
      before?.alarms ?? [],
      after.alarms,
      (a) => `${a.object} ${a.cause}`,
      alarmWords,
      (a) => `alarm cleared: ${a.object} ${a.cause}`,
    ),
  );
  return lines;
}

function listChanges<T>(
  before: readonly T[],
  after: readonly T[],
  key: (one: T) => string,
  came: (one: T) => string,
  went: (one: T) => string,
): string[] {
  const had = new Set(before.map(key));
  const has = new Set(after.map(key));
  return [
    ...after.filter((one) => !had.has(key(one))).map(came),
    ...before.filter((one) => !has.has(key(one))).map(went),
  ];
}
