import { passOn, take } from './gossip.js';
import { forget, hear, idOf, ofMember, ofSelf, present, same } from './members.js';
import { suspicionMs } from './suspicion.js';
import type {
  Delegate,
  Help,
  Member,
  Probe,
  RingConfig,
  RingEffect,
  RingEvent,
  RingMessage,
  RingState,
  Update,
} from './types.js';

/*
 * A ring above the chassis, for systems of more than 64 boards: SWIM (Das, Gupta, Motivala 2002) with Lifeguard (Dadgar,
 * Phillips, Currey 2017), among delegates. Within a chassis beats judge; here groups are judged, and what each group
 * says of its own boards is passed on.
 *
 *            a probe, and those of helpers, are not answered           its suspicion ran out, or its own
 *                   ┌──────────────────────────────► suspect ────────┐ group calls it down
 *     heard of ─► alive ◄───── refuted by itself ────────┘           ├──────────► dead
 *                   └────────────────────────────────────────────────┘              │
 *                   ▲                    it answers, under a new incarnation        │
 *                   └───────────────────────────────────────────────────────────────┘
 */

/** Others that are asked to probe in one's stead (SWIM: k). */
const HELPERS = 3;
/** Members that a round of gossip goes to, at once and not only with probes. */
const FANOUT = 3;
/** A helper says that it heard nothing a little before the asker stops waiting, part of the timeout (Lifeguard §IV-A). */
const NACK_AT = 0.8;
/** What a probe and its answer carry of what is known besides: news dies out, and somebody may have missed it. */
const REMINDERS = 2;
/** What an answer puts right of what the question said. */
const CORRECTIONS_MAX = 4;
/** Suspects that are asked again each period: each may still answer. */
const CHARGED_MAX = 3;
/** Every so many periods one of the dead is asked, or two halves would never find together again. */
const RECALL_PERIODS = 5;

export function initialRing(
  config: RingConfig,
  incarnation: number,
  known: readonly Delegate[],
  nowMs: number,
): RingState {
  const state: RingState = {
    incarnation,
    members: new Map(),
    digests: new Map(),
    gone: new Set(),
    outbox: new Map(),
    health: 0,
    probe: undefined,
    helps: [],
    order: [],
    number: 0,
    nextProbeMs: nowMs + config.random.next() * config.periodMs,
    nextGossipMs: nowMs,
    lastTickMs: nowMs,
    periods: 0,
  };
  for (const one of known)
    if (!same(one, config.self))
      state.members.set(idOf(one), {
        ...one,
        status: 'alive',
        incarnation: 0,
        sinceMs: nowMs,
        suspectedBy: new Set(),
      });
  passOn(state, ofSelf(state, config));
  return state;
}

/** When something is due, ms. */
export function ringDeadlineMs({ nextProbeMs, nextGossipMs, probe, helps }: RingState, config: RingConfig): number {
  const asks = probe && !probe.asked && !probe.answered ? [probe.sentMs + config.timeoutMs] : [];
  return Math.min(nextProbeMs, nextGossipMs, ...asks, ...helps.map(({ nackAtMs }) => nackAtMs));
}

/** `state` is changed in place, as in the pulse; every send may be lost. */
export function stepRing(state: RingState, event: RingEvent, nowMs: number, config: RingConfig): RingEffect[] {
  switch (event.kind) {
    case 'message':
      return [...hearMessage(state, event.message, nowMs, config), ...tellGroups(state, config)];
    case 'group': {
      hear(state, event.digest, nowMs, config);
      for (const board of event.down) callDown(state, { group: config.self.group, board }, nowMs, config);
      // At once: others wait for this news.
      state.nextGossipMs = nowMs;
      return [...gossip(state, nowMs, config), ...tellGroups(state, config)];
    }
    case 'tick':
      return [...tick(state, nowMs, config), ...tellGroups(state, config)];
  }
}

/** A group's word of its own board needs no suspicion: 64 boards heard nothing of it on two networks. */
function callDown(state: RingState, delegate: Delegate, nowMs: number, config: RingConfig): void {
  const known = state.members.get(idOf(delegate));
  if (known === undefined || known.status === 'dead') return;
  const { incarnation } = known;
  hear(state, { kind: 'member', ...delegate, status: 'dead', incarnation, by: config.self.group }, nowMs, config);
}

function tick(state: RingState, nowMs: number, config: RingConfig): RingEffect[] {
  const lateMs = nowMs - state.lastTickMs;
  state.lastTickMs = nowMs;
  if (lateMs > config.periodMs) {
    // It did not listen: what it waited for may have come and gone, and no suspicion of its own ages by that.
    state.probe = undefined;
    state.helps = [];
    state.health = Math.min(7, state.health + 1);
    for (const member of state.members.values()) if (member.status === 'suspect') member.sinceMs += lateMs;
  }
  const effects = [...helpEnds(state, nowMs, config), ...askHelpers(state, nowMs, config)];
  judge(state, nowMs, config);
  if (nowMs >= state.nextProbeMs) effects.push(...nextProbe(state, nowMs, config));
  if (nowMs >= state.nextGossipMs) effects.push(...gossip(state, nowMs, config));
  return effects;
}

/** Own trouble stretches what others are given. */
const patient = (ms: number, { health }: RingState): number => ms * (1 + health);

function judge(state: RingState, nowMs: number, config: RingConfig): void {
  const count = present(state).length + 1;
  for (const member of state.members.values()) {
    if (member.status !== 'suspect') continue;
    const limitMs = patient(suspicionMs(count, member.suspectedBy.size, config.periodMs), state);
    if (nowMs - member.sinceMs < limitMs) continue;
    const { group, board, incarnation } = member;
    hear(state, { kind: 'member', group, board, status: 'dead', incarnation, by: config.self.group }, nowMs, config);
  }
}

/** Ends the probe of the last period, and begins another. */
function nextProbe(state: RingState, nowMs: number, config: RingConfig): RingEffect[] {
  state.periods++;
  const { probe } = state;
  if (probe && !probe.answered) missed(state, probe, nowMs, config);
  state.probe = undefined;
  state.nextProbeMs = nowMs + patient(config.periodMs, state);
  forget(state, nowMs);
  const effects = [...charge(state, config), ...recall(state, config)];
  const target = nextTarget(state, config);
  if (target === undefined) return effects;
  state.probe = {
    number: ++state.number,
    target,
    sentMs: nowMs,
    helpers: 0,
    nacks: 0,
    asked: false,
    answered: false,
  };
  return [...effects, send(state, target, { kind: 'ping', number: state.number }, config)];
}

/** Nobody got through. Helpers that did not even say so are a sign of one's own trouble. */
function missed(state: RingState, probe: Probe, nowMs: number, config: RingConfig): void {
  state.health = Math.min(7, state.health + Math.max(0, probe.helpers - probe.nacks));
  const known = state.members.get(idOf(probe.target));
  if (known === undefined || known.status === 'dead') return;
  const { group, board, incarnation } = known;
  hear(state, { kind: 'member', group, board, status: 'suspect', incarnation, by: config.self.group }, nowMs, config);
}

/** Boards of the own group are judged by beats. */
function nextTarget(state: RingState, config: RingConfig): Member | undefined {
  for (;;) {
    if (state.order.length === 0) {
      const others = present(state).filter(({ group }) => group !== config.self.group);
      if (others.length === 0) return undefined;
      state.order = shuffle(others, config).map(idOf);
    }
    const [id, ...rest] = state.order;
    state.order = rest;
    const member = state.members.get(id ?? 0);
    if (member && member.status !== 'dead') return member;
  }
}

/** Whoever is suspected is told by all who suspect it: one that lives answers, and is believed by whom it answers. */
function charge(state: RingState, config: RingConfig): RingEffect[] {
  const suspects = shuffle(
    present(state).filter(({ status }) => status === 'suspect'),
    config,
  );
  return suspects.slice(0, CHARGED_MAX).map((one) => send(state, one, { kind: 'ping', number: 0 }, config));
}

function recall(state: RingState, config: RingConfig): RingEffect[] {
  if (state.periods % RECALL_PERIODS !== 0) return [];
  const dead = [...state.members.values()].filter(
    ({ status, group }) => status === 'dead' && group !== config.self.group,
  );
  if (dead.length === 0) return [];
  return [send(state, config.random.pick(dead), { kind: 'ping', number: 0 }, config)];
}

function askHelpers(state: RingState, nowMs: number, config: RingConfig): RingEffect[] {
  const { probe } = state;
  if (!probe || probe.asked || probe.answered || nowMs - probe.sentMs < patient(config.timeoutMs, state)) return [];
  const others = present(state).filter((one) => !same(one, probe.target) && one.group !== config.self.group);
  const helpers = shuffle(others, config).slice(0, HELPERS);
  state.probe = { ...probe, asked: true, helpers: helpers.length };
  const { number, target } = probe;
  return helpers.map((helper) => send(state, helper, { kind: 'ask', number, target: bare(target) }, config));
}

function helpEnds(state: RingState, nowMs: number, config: RingConfig): RingEffect[] {
  const over = state.helps.filter(({ nackAtMs }) => nowMs >= nackAtMs);
  if (over.length === 0) return [];
  state.helps = state.helps.filter((help) => !over.includes(help));
  return over.map(({ asker, askerNumber }) => send(state, asker, { kind: 'nack', number: askerNumber }, config));
}

function gossip(state: RingState, nowMs: number, config: RingConfig): RingEffect[] {
  state.nextGossipMs = nowMs + config.gossipMs;
  if (state.outbox.size === 0) return [];
  return shuffle(present(state), config)
    .slice(0, FANOUT)
    .map((to) => send(state, to, { kind: 'gossip' }, config));
}

type Said = RingMessage extends infer M ? (M extends RingMessage ? Omit<M, 'from' | 'updates'> : never) : never;

function send(
  state: RingState,
  to: Delegate,
  said: Said,
  config: RingConfig,
  corrections: readonly Update[] = [],
): RingEffect {
  const known = state.members.get(idOf(to));
  // Whoever is suspected is the first to be told, so that it can refute (Lifeguard §IV-C).
  const charges = known && known.status !== 'alive' ? [ofMember(known)] : [];
  const reminders = said.kind === 'ping' || said.kind === 'ack' ? remind(state, config) : [];
  const updates = take(state, present(state).length, [...charges, ...corrections, ...reminders]);
  return { kind: 'send', to: bare(to), message: { ...said, from: config.self, updates } as RingMessage };
}

/** Some of what is known, by chance: in time everybody hears of everything, whatever was lost. */
function remind(state: RingState, config: RingConfig): Update[] {
  const { random } = config;
  const all: (() => Update)[] = [
    () => ofSelf(state, config),
    ...[...state.digests.values()].map((digest) => () => digest),
    ...[...state.members.values()].map((member) => () => ofMember(member)),
  ];
  return Array.from({ length: REMINDERS }, () => random.pick(all)());
}

function hearMessage(state: RingState, message: RingMessage, nowMs: number, config: RingConfig): RingEffect[] {
  const { from } = message;
  if (!state.members.has(idOf(from)))
    hear(state, { kind: 'member', ...from, status: 'alive', incarnation: 0, by: from.group }, nowMs, config);
  const before = state.incarnation;
  const corrections = message.updates
    .flatMap((update) => hear(state, update, nowMs, config) ?? [])
    .slice(0, CORRECTIONS_MAX);
  const effects: RingEffect[] = [];
  switch (message.kind) {
    case 'ping':
      effects.push(send(state, from, { kind: 'ack', number: message.number }, config, corrections));
      break;
    case 'ask': {
      const help: Help = {
        number: ++state.number,
        asker: from,
        askerNumber: message.number,
        nackAtMs: nowMs + NACK_AT * config.timeoutMs,
      };
      state.helps = [...state.helps, help];
      effects.push(send(state, message.target, { kind: 'ping', number: help.number }, config));
      break;
    }
    case 'ack':
      effects.push(...acknowledged(state, message.number, config));
      break;
    case 'nack':
      if (state.probe?.number === message.number) state.probe.nacks++;
      break;
    case 'gossip':
      break;
  }
  // A refutation leaves at once.
  if (state.incarnation !== before) effects.push(...gossip(state, nowMs, config));
  return effects;
}

function acknowledged(state: RingState, number: number, config: RingConfig): RingEffect[] {
  const { probe } = state;
  if (probe?.number === number && !probe.answered) {
    probe.answered = true;
    state.health = Math.max(0, state.health - 1);
    return [];
  }
  const help = state.helps.find((one) => one.number === number);
  if (!help) return [];
  state.helps = state.helps.filter((one) => one !== help);
  return [send(state, help.asker, { kind: 'ack', number: help.askerNumber }, config)];
}

/** A group is gone when none of its delegates is left. One without a director is there, and says so in its digest. */
function tellGroups(state: RingState, { self }: RingConfig): RingEffect[] {
  const there = new Set(present(state).map(({ group }) => group));
  const effects: RingEffect[] = [];
  for (const { group } of state.members.values()) {
    if (group === self.group || there.has(group) !== state.gone.has(group)) continue;
    const gone = !there.has(group);
    if (gone) state.gone.add(group);
    else state.gone.delete(group);
    effects.push({ kind: 'group', group, gone });
  }
  return effects;
}

const bare = ({ group, board }: Delegate): Delegate => ({ group, board });

function shuffle<T>(items: readonly T[], { random }: RingConfig): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
