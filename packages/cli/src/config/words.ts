import type { BoardState, ConfigurationState, NetrackState } from '@softset/protocol';
import { table } from '../status/table.js';
import { duration, wrap } from '../status/words.js';

/** Enough to tell them apart, and what beats carry. */
export const short = (hash: string): string => hash.slice(0, 8);

interface Group {
  readonly hash: string;
  readonly boards: readonly BoardState[];
}

/** Boards that are there, by what they run: the commonest first. */
function groupsOf({ boards }: NetrackState): Group[] {
  const groups = new Map<string, BoardState[]>();
  for (const board of boards) {
    const gone = board.verdict === 'down' || board.verdict === 'unknown';
    if (gone || board.configuration === undefined) continue;
    groups.set(board.configuration, [...(groups.get(board.configuration) ?? []), board]);
  }
  return [...groups]
    .map(([hash, members]) => ({ hash, boards: members }))
    .sort((a, b) => b.boards.length - a.boards.length);
}

/**
 * For `softset status`: which board runs what, while they differ, and what follows from that; and what waits for an
 * operator's word. Nothing where all is as it should be.
 */
export function configurationLines(state: NetrackState, width: number): string[] {
  const groups = groupsOf(state);
  const { rollout } = state;
  const lines: string[] = [];
  if (groups.length > 1) {
    const who = groups.map(({ hash, boards }) => `${boards.map(({ name }) => name).join(', ')}: ${hash}`).join('; ');
    const director = state.boards.find(({ board }) => board === state.director)?.name;
    const by = director === undefined ? 'nobody decides' : `placement and rules go by ${director}’s`;
    lines.push(`configurations differ: ${who}. Each board serves by its own; ${by}`);
  }
  if (rollout?.phase === 'trial')
    lines.push(
      `configuration ${short(rollout.hash)} (version ${rollout.version}) is on trial, by ${rollout.who}: softset config confirm, or rollback`,
    );
  if (rollout?.phase === 'deciding') lines.push(`configuration ${short(rollout.hash)} waits for a majority`);
  return lines.length === 0 ? [] : ['', ...lines.flatMap((line) => wrap(line, width))];
}

export function statusWords(own: ConfigurationState, state: NetrackState, width: number): string[] {
  const { rollout, staged, previous, trialLeftMs, refused } = own;
  const rows = state.boards.map(({ name, verdict, configuration }) => [
    name,
    verdict === 'self' ? 'up' : verdict,
    configuration ?? '-',
    configuration === undefined || rollout === undefined
      ? '-'
      : configuration === short(rollout.hash)
        ? `version ${rollout.version}`
        : configuration === short(rollout.before)
          ? 'what ran before'
          : 'another',
  ]);
  const lines = [
    rollout === undefined
      ? 'nothing was rolled out: each board runs its own cluster file'
      : `version ${rollout.version}, ${short(rollout.hash)}, ${rollout.phase}; by ${rollout.who}`,
    ...(trialLeftMs === undefined ? [] : [`on trial: it goes back in ${duration(trialLeftMs)} unless it is confirmed`]),
    ...(staged === undefined ? [] : [`held ready here: ${short(staged.hash)}, by ${staged.who}`]),
    ...(previous === undefined ? [] : [`before: ${short(previous.hash)}`]),
    ...(refused === undefined ? [] : [`this board went back from version ${refused} by itself`]),
  ];
  return [
    ...lines.flatMap((line) => wrap(line, width)),
    ...table([['BOARD', 'SEEN', 'RUNS', 'WHICH IS'], ...rows], width),
  ];
}
