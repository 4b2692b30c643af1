import type { Rollout } from '@softset/protocol';
import type { ConfigurationText, KeptConfiguration } from '@softset/protocol/kept-configuration.js';
import { changedCount, isTurn } from './turn.js';
import type { AgentConfig, AgentEffect, AgentEvent, AgentState } from './types.js';

/** Nobody before this board has changed for so long, ms: it goes all the same, for those may never. */
const TURN_MS = 10_000;
/** After the time to confirm a board waits so long for a director's word, ms, and then goes back by itself. */
export const ALONE_MS = 5000;
/** Between two questions for a text, and between two wishes to roll back, ms. */
const AGAIN_MS = 1000;

/**
 * What one board does of a roll-out. Its record is on disk before anything follows from it.
 *
 * ```
 *   idle ──stage──► staged ──register: trial or kept, not what runs──► due ──its text, its turn, on disk──► restart
 *                      the next life: on trial ──register: kept──► idle
 *                                        ├──── register: a newer version ──► due
 *                                        └──── time is up, and no director says so ──► back by itself, restart
 * ```
 * A board that was away finds the register's version when it returns, and is due. One that went back by itself takes that
 * version again only when it is kept: then a majority ran it while this board was cut off.
 */
export function initialAgent(runs: ConfigurationText, record: KeptConfiguration, nowMs: number): AgentState {
  return {
    runs,
    record,
    view: undefined,
    writing: undefined,
    nextNumber: 1,
    seen: undefined,
    progress: { count: 0, sinceMs: nowMs },
    wantedMs: Number.NEGATIVE_INFINITY,
    wants: 0,
    wishedMs: Number.NEGATIVE_INFINITY,
    restsUntilMs: Number.NEGATIVE_INFINITY,
    ends: false,
  };
}

export function stepAgent(state: AgentState, event: AgentEvent, nowMs: number, config: AgentConfig): AgentEffect[] {
  if (state.ends) return [];
  const effects = handle(state, event, nowMs);
  return [...effects, ...tend(state, nowMs, config)];
}

function handle(state: AgentState, event: AgentEvent, nowMs: number): AgentEffect[] {
  switch (event.kind) {
    case 'view':
      state.view = event.view;
      return note(state, nowMs);
    case 'stage':
      return stage(state, event);
    case 'text':
      return takeText(state, event.text);
    case 'kept':
      return kept(state, event, nowMs);
    case 'tick':
      return note(state, nowMs);
  }
}

/** What the register names now, and how many run it. */
function note(state: AgentState, nowMs: number): AgentEffect[] {
  const rollout = named(state);
  if (rollout === undefined || state.view === undefined) return [];
  if (state.seen?.version !== rollout.version) {
    state.seen = { version: rollout.version, sinceMs: nowMs };
    state.progress = { count: 0, sinceMs: nowMs };
  }
  const count = changedCount(rollout.hash, state.view.boards);
  if (count > state.progress.count) state.progress = { count, sinceMs: nowMs };
  return [];
}

/** Decided, by a register that is nobody's memory of one. */
function named({ view }: AgentState): Rollout | undefined {
  return view?.live && view.rollout !== undefined && view.rollout.phase !== 'deciding' ? view.rollout : undefined;
}

function stage(
  state: AgentState,
  { from, round, staged, refusal }: Extract<AgentEvent, { kind: 'stage' }>,
): AgentEffect[] {
  const { hash } = staged;
  const answer = (ok: boolean, message: string): AgentEffect[] => [
    { kind: 'answer', to: from, round, hash, ok, message },
  ];
  if (refusal !== undefined) return answer(false, refusal);
  const rollout = state.view?.rollout;
  const phase = rollout?.phase;
  // What this board holds for a decision that it has not carried out yet may be the only copy.
  const owed = rollout !== undefined && rollout.hash === state.record.staged?.hash && rollout.hash !== state.runs.hash;
  if (owed && hash !== rollout.hash) return answer(false, 'CONFIG_BUSY: a roll-out is under way');
  if (phase === 'deciding' || phase === 'trial') return answer(false, 'CONFIG_BUSY: a roll-out is under way');
  const { writing } = state;
  // Asked again while the disk has it in hand: the answer to the first question is on its way.
  if (writing?.then.kind === 'answer' && writing.then.round === round && writing.then.hash === hash) return [];
  if (writing !== undefined) return answer(false, 'CONFIG_BUSY: another one is being written; try again');
  if (state.record.staged?.hash === hash) return answer(true, 'it has it');
  return keep(state, { ...state.record, staged }, { kind: 'answer', to: from, round, hash });
}

/** Held like what is staged, under the name of who rolled it out. */
function takeText(state: AgentState, text: ConfigurationText): AgentEffect[] {
  const rollout = named(state);
  const wanted = rollout?.hash === text.hash && textOf(state, text.hash) === undefined;
  if (!wanted || state.writing !== undefined) return [];
  return keep(state, { ...state.record, staged: { ...text, who: rollout.who } }, { kind: 'nothing' });
}

function keep(
  state: AgentState,
  record: KeptConfiguration,
  then: NonNullable<AgentState['writing']>['then'],
): AgentEffect[] {
  const number = state.nextNumber++;
  state.writing = { number, before: state.record, then };
  state.record = record;
  return [{ kind: 'keep', number, record }];
}

function kept(
  state: AgentState,
  { number, refusal }: Extract<AgentEvent, { kind: 'kept' }>,
  nowMs: number,
): AgentEffect[] {
  const { writing } = state;
  if (writing?.number !== number) return [];
  const { then, before } = writing;
  state.writing = undefined;
  if (refusal !== undefined) {
    state.record = before;
    // A full disk is tried again a second later; whoever waits for an answer hears why.
    state.restsUntilMs = nowMs + AGAIN_MS;
    const why: AgentEffect = { kind: 'log', event: 'configuration-not-kept', fields: { message: refusal } };
    return then.kind === 'answer' ? [why, { ...then, ok: false, message: refusal }] : [why];
  }
  if (then.kind === 'answer') return [{ ...then, ok: true, message: 'it is on its disk' }];
  if (then.kind === 'nothing') return [];
  state.ends = true;
  return [then];
}

function tend(state: AgentState, nowMs: number, config: AgentConfig): AgentEffect[] {
  if (state.writing !== undefined || state.ends || nowMs < state.restsUntilMs) return [];
  const rollout = named(state);
  return [
    ...tendTrial(state, rollout, nowMs, config),
    ...(state.writing === undefined && rollout ? follow(state, rollout, nowMs, config) : []),
  ];
}

function follow(state: AgentState, rollout: Rollout, nowMs: number, config: AgentConfig): AgentEffect[] {
  const { record, runs, view } = state;
  const { version, hash, phase } = rollout;
  if (phase === 'trial' && record.refused === version) return [];
  const sinceMs = state.seen?.sinceMs ?? nowMs;
  const trial =
    phase === 'trial'
      ? { trial: { version, boot: config.boot, untilMs: sinceMs + rollout.confirmMs, confirmMs: rollout.confirmMs } }
      : {};
  if (hash === runs.hash) {
    const settled = record.running?.version === version && (record.trial !== undefined) === (phase === 'trial');
    if (settled) return [];
    const { trial: _, refused: __, ...rest } = record;
    return keep(state, { ...rest, ...trial, running: { ...runs, version } }, { kind: 'nothing' });
  }
  const text = textOf(state, hash);
  if (text === undefined) return want(state, hash, nowMs);
  const boards = view?.boards ?? [];
  const waits = nowMs - state.progress.sinceMs < TURN_MS;
  if (waits && !isTurn(config.self, view?.director ?? 0, hash, boards)) return [];
  const previous = textOf(state, rollout.before) ?? runs;
  return keep(
    state,
    { running: { ...text, version }, previous, ...trial },
    { kind: 'restart', hash, version, why: rollout.who },
  );
}

function textOf({ record, runs }: AgentState, hash: string): ConfigurationText | undefined {
  const found = [runs, record.staged, record.previous, record.running].find((one) => one?.hash === hash);
  return found && { hash: found.hash, text: found.text };
}

/** One board after another is asked: first those that run it. */
function want(state: AgentState, hash: string, nowMs: number): AgentEffect[] {
  if (nowMs - state.wantedMs < AGAIN_MS) return [];
  const boards = (state.view?.boards ?? []).filter(({ present, alive }) => present && alive);
  const have = boards.filter(({ configuration }) => configuration === hash.slice(0, 8));
  const askable = have.length > 0 ? have : boards;
  const from = askable[state.wants % askable.length]?.board;
  if (from === undefined) return [];
  state.wantedMs = nowMs;
  state.wants++;
  return [{ kind: 'want', from, hash }];
}

/** What is not confirmed in time goes back: by the director's word for all, or where none is heard by its own. */
function tendTrial(state: AgentState, rollout: Rollout | undefined, nowMs: number, config: AgentConfig): AgentEffect[] {
  const { record, view, seen } = state;
  const { trial } = record;
  if (trial !== undefined && trial.boot !== config.boot) {
    // The clock began anew with the kernel, and so does its time.
    const again = { ...trial, boot: config.boot, untilMs: nowMs + trial.confirmMs };
    return keep(state, { ...record, trial: again }, { kind: 'nothing' });
  }
  const untilMs = trial?.untilMs ?? (rollout && seen ? seen.sinceMs + rollout.confirmMs : Number.POSITIVE_INFINITY);
  if (rollout?.phase === 'trial' && view?.directing && nowMs >= untilMs) {
    if (nowMs - state.wishedMs < AGAIN_MS) return [];
    state.wishedMs = nowMs;
    return [{ kind: 'roll-back', who: `not confirmed within ${Math.round(rollout.confirmMs / 1000)} s` }];
  }
  const over = rollout !== undefined && (rollout.version !== trial?.version || rollout.phase === 'kept');
  if (trial === undefined || over || nowMs < trial.untilMs + ALONE_MS) return [];
  const previous = record.previous ?? state.runs;
  const running = { ...previous, version: 0 };
  return keep(
    state,
    { running, previous: state.runs, refused: trial.version },
    { kind: 'restart', hash: previous.hash, version: 0, why: 'not confirmed in time, and no director says otherwise' },
  );
}
