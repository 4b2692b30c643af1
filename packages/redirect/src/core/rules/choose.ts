import type { FactValue } from './facts.js';
import type { RuleSet } from './rule-set.js';
import type { Group } from './scope.js';
import type { Selector } from './selector.js';

export interface Choice {
  readonly board: string | undefined;
  /** One for each board that was looked at: `io-3: chosen, first of 2`, `io-4: refused, it is down`. */
  readonly reasons: readonly string[];
}

/**
 * Finds a board. Only one that is up and not in maintenance *for certain* is chosen: an unknown board is refused, since
 * not knowing must not move anything. `already`: boards that have what is to be moved; `promised`: services that plans under way give to each board.
 */
export function chooseBoard(
  selector: Selector,
  set: RuleSet,
  facts: ReadonlyMap<string, FactValue>,
  promised: ReadonlyMap<string, number>,
  not: string | undefined,
  already: readonly string[] = [],
): Choice {
  const { boards, group } = candidates(selector, set, facts);
  const loadOf = (board: string): number => {
    const held = facts.get(`board.${board}.services`);
    return (typeof held === 'number' ? held : 0) + (promised.get(board) ?? 0);
  };
  const seen = boards.map((board) => {
    const capacity = selector.kind === 'spare' && group !== undefined ? group.capacity : Number.POSITIVE_INFINITY;
    const load = loadOf(board);
    const there = already.includes(board);
    const full = load >= capacity && !there ? `full, ${load} of ${capacity}` : undefined;
    return { board, load, there, refused: refusedFor(board, facts, not) ?? full };
  });
  const fit = seen.filter((one) => one.refused === undefined);
  if (group?.prefer === 'least-loaded' || selector.kind === 'pool') fit.sort((a, b) => a.load - b.load);
  const best = fit.find((one) => one.there) ?? fit[0];
  const reasons = seen.map(({ board, load, there, refused }) => {
    if (refused !== undefined) return `${board}: refused, ${refused}`;
    if (board !== best?.board) return `${board}: fit, load ${load}`;
    return `${board}: chosen, ${there ? 'it has it already' : `load ${load}`}, ${fit.length === 1 ? 'the only fit one' : `first of ${fit.length}`}`;
  });
  return { board: best?.board, reasons };
}

function refusedFor(board: string, facts: ReadonlyMap<string, FactValue>, not: string | undefined): string | undefined {
  if (board === not) return 'it is the one in question';
  const state = facts.get(`board.${board}.state`);
  if (state !== 'up') return state === undefined ? 'its state is unknown' : `it is ${state}`;
  const maintenance = facts.get(`board.${board}.maintenance`);
  if (maintenance !== false)
    return maintenance === true ? 'it is in maintenance' : 'whether it is in maintenance is unknown';
  if (facts.get(`board.${board}.drained`) === true) return 'it is drained';
  if (facts.get(`board.${board}.amnesiac`) === true) return 'it lost its memory of votes';
  return facts.get(`board.${board}.leaving`) === true ? 'it is leaving' : undefined;
}

function candidates(
  { kind, of }: Selector,
  set: RuleSet,
  facts: ReadonlyMap<string, FactValue>,
): { readonly boards: readonly string[]; readonly group?: Group | undefined } {
  switch (kind) {
    case 'spare':
    case 'member': {
      const group = set.groups.get(of);
      return { boards: (kind === 'spare' ? group?.spares : group?.members) ?? [], group };
    }
    case 'peer': {
      const group = [...set.groups.values()].find((one) => one.members.includes(of) || one.spares.includes(of));
      return { boards: [...(group?.members ?? []), ...(group?.spares ?? [])].filter((one) => one !== of), group };
    }
    case 'pool': {
      const holder = facts.get(`service.${of}.holder`);
      const pool = set.world.services.find((one) => one.name === of)?.pool ?? [];
      return { boards: pool.filter((one) => one !== holder) };
    }
  }
}
