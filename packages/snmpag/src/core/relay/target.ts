/**
 * One agent behind this one: whether it is worth asking now. Who asks in vain learns so at once and does not wait.
 *
 *                    an answer                   no answer by any way
 *      unasked ───────────────────► answering ─────────────────────────► silent
 *         │    no answer by any way     ▲                                   │
 *         └───────────────► silent      └──────── an answer to a probe ─────┘
 *      any ── NETRACK: the board is down ──► down ── NETRACK: it is not ──► unasked
 *
 * A silent one is probed at once and then every `PROBE_MS`, and nobody else's question is spent on it. One that is down is not even
 * probed: its kernel did not answer, and NETRACK says when it does.
 */
export type Phase = 'unasked' | 'answering' | 'silent' | 'down';

export interface Target {
  readonly phase: Phase;
  readonly sinceMs: number;
  /** When it answered last, by our clock; undefined where it never did. */
  readonly heardMs: number | undefined;
  /** When it is to be probed next; Infinity for not at all. */
  readonly probeMs: number;
}

export const PROBE_MS = 1_000;

export const newTarget = (nowMs: number): Target => ({
  phase: 'unasked',
  sinceMs: nowMs,
  heardMs: undefined,
  probeMs: nowMs,
});

/** May a question be spent on it? */
export const mayAsk = ({ phase }: Target): boolean => phase === 'unasked' || phase === 'answering';

export function onAnswer(before: Target, nowMs: number): Target {
  // A late answer of a board that NETRACK has given up changes nothing: NETRACK hears it, too.
  if (before.phase === 'down') return { ...before, heardMs: nowMs };
  const sinceMs = before.phase === 'answering' ? before.sinceMs : nowMs;
  return { phase: 'answering', sinceMs, heardMs: nowMs, probeMs: Number.POSITIVE_INFINITY };
}

export function onSilence(before: Target, nowMs: number): Target {
  if (before.phase === 'down') return before;
  if (before.phase === 'silent') return { ...before, probeMs: nowMs + PROBE_MS };
  // At once, for perhaps it was slow with this one question alone.
  return { ...before, phase: 'silent', sinceMs: nowMs, probeMs: nowMs };
}

/** What NETRACK says of the board; of a switch it says nothing. */
export function onVerdict(before: Target, down: boolean, nowMs: number): Target {
  if (down === (before.phase === 'down')) return before;
  return down
    ? { ...before, phase: 'down', sinceMs: nowMs, probeMs: Number.POSITIVE_INFINITY }
    : { ...before, phase: 'unasked', sinceMs: nowMs, probeMs: nowMs };
}

/** A probe goes out: the next one is a while away, whatever becomes of this one. */
export const onProbe = (before: Target, nowMs: number): Target => ({ ...before, probeMs: nowMs + PROBE_MS });
