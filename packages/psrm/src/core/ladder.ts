/**
 * The rungs above a single program (SA Forum AMF's ladder; berndj/opensaf amfnd/err.cc):
 *
 *     a death ──► restart ──► given up, and its service moves     (step.ts, `giveUp`)
 *                                │ `boardFailover.givenUp` of them within `withinMs`
 *                                ▼
 *                    board failover: every program of a service is given up here, so all of them move
 *                                │ `reboot.failovers` of those within `withinMs`
 *                                ▼
 *                    board reboot, once all of them are gone; at most `reboot.atMost` within `withinMs`
 *
 *                    given-up      emptied       rearmed
 *     calm           count, climb  nop           nop
 *     emptying       nop           reboot, rest  calm
 *     rested         nop           nop           calm
 *
 * `rearmed`: a program of a service was ordered to start, so the board is trusted again. Times are wall-clock ms, since
 * the counts outlive a boot, or a board that falls ill at once after each boot would reboot for ever; those that lie in
 * the future, for the clock was set back, count as now.
 */
export interface Ladder {
  readonly phase: 'calm' | 'emptying' | 'rested';
  readonly givenUpMs: readonly number[];
  readonly failoversMs: readonly number[];
  readonly rebootsMs: readonly number[];
}

export interface Rungs {
  readonly boardFailover?: { readonly givenUp: number; readonly withinMs: number } | undefined;
  readonly reboot?: { readonly failovers: number; readonly withinMs: number; readonly atMost: number } | undefined;
}

export type LadderEvent =
  /** A program of a service was given up, though its board was not. */
  | { readonly kind: 'given-up'; readonly program: string }
  /** Nothing of the services' programs is left here. */
  | { readonly kind: 'emptied' }
  | { readonly kind: 'rearmed' };

export type LadderEffect =
  /** Before what follows: a reboot must be known to the next boot. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'fail-over'; readonly why: string }
  | { readonly kind: 'reboot'; readonly why: string }
  /** The last rung was reached, and may not be used again so soon. */
  | { readonly kind: 'stay'; readonly why: string };

export const initialLadder: Ladder = { phase: 'calm', givenUpMs: [], failoversMs: [], rebootsMs: [] };

/** More than any configuration asks for: the counts stay small whatever happens. */
const countsMax = 1000;

interface Climb {
  readonly ladder: Ladder;
  readonly effects: readonly LadderEffect[];
}

export function climb(was: Ladder, event: LadderEvent, wallMs: number, rungs: Rungs): Climb {
  switch (event.kind) {
    case 'given-up':
      return was.phase === 'calm' ? givenUp(was, event.program, wallMs, rungs) : { ladder: was, effects: [] };
    case 'emptied':
      return was.phase === 'emptying' ? emptied(was, wallMs, rungs) : { ladder: was, effects: [] };
    case 'rearmed':
      return { ladder: { ...was, phase: 'calm' }, effects: [] };
  }
}

function givenUp(was: Ladder, program: string, wallMs: number, { boardFailover, reboot }: Rungs): Climb {
  if (boardFailover === undefined) return { ladder: was, effects: [] };
  const givenUpMs = counted(was.givenUpMs, wallMs, boardFailover.withinMs);
  if (givenUpMs.length < boardFailover.givenUp) return { ladder: { ...was, givenUpMs }, effects: [{ kind: 'keep' }] };
  const failoversMs = counted(was.failoversMs, wallMs, reboot?.withinMs ?? boardFailover.withinMs);
  const why = `${givenUpMs.length} programs given up within ${boardFailover.withinMs} ms, the last ${program}`;
  // Afresh: the next failover takes as many again.
  const ladder: Ladder = { ...was, phase: 'emptying', givenUpMs: [], failoversMs };
  return { ladder, effects: [{ kind: 'keep' }, { kind: 'fail-over', why }] };
}

function emptied(was: Ladder, wallMs: number, { reboot }: Rungs): Climb {
  const rested: Ladder = { ...was, phase: 'rested' };
  if (reboot === undefined) return { ladder: rested, effects: [] };
  const failovers = within(was.failoversMs, wallMs, reboot.withinMs).length;
  if (failovers < reboot.failovers) return { ladder: rested, effects: [] };
  const before = within(was.rebootsMs, wallMs, reboot.withinMs);
  if (before.length >= reboot.atMost) {
    const why = `it was rebooted ${before.length} times within ${reboot.withinMs} ms, and that did not help`;
    return { ladder: rested, effects: [{ kind: 'stay', why }] };
  }
  const ladder: Ladder = { ...rested, failoversMs: [], rebootsMs: counted(before, wallMs, reboot.withinMs) };
  const why = `its programs failed over ${failovers} times within ${reboot.withinMs} ms`;
  return { ladder, effects: [{ kind: 'keep' }, { kind: 'reboot', why }] };
}

function within(timesMs: readonly number[], wallMs: number, withinMs: number): readonly number[] {
  return timesMs.map((atMs) => Math.min(atMs, wallMs)).filter((atMs) => wallMs - atMs < withinMs);
}

function counted(timesMs: readonly number[], wallMs: number, withinMs: number): readonly number[] {
  return [...within(timesMs, wallMs, withinMs), wallMs].slice(-countsMax);
}
