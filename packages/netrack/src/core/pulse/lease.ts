import { compareGrants, type Grant, type LossCause } from '@softset/protocol';
import { proofStands, provenSentMs } from './direct.js';
import { persist } from './state.js';
import type { Lease, PulseConfig, PulseEffect, PulseState } from './types.js';

/** Renewals for each lease time: five, so that a few may fail. */
const RENEWALS_PER_LEASE = 5;

/**
 * Keeps, ends and gives up what this board holds:
 *
 * ```
 *            create (order of the director followed)
 *   nothing ─────────────────────────────────────────► held ──┐ renew: echo newer, register names it (L1, M3)
 *      ▲                                                │ ▲────┘
 *      └──── delete, and refuse its grant for good ◄────┘  expired | isolated | not named | flushed | released
 * ```
 */
export function tendLeases(state: PulseState, nowMs: number, config: PulseConfig): PulseEffect[] {
  const effects: PulseEffect[] = [];
  for (const lease of state.leases.values()) {
    const cause = lossOf(state, lease, nowMs, config);
    if (cause !== undefined) effects.push(...lose(state, lease, cause));
    else effects.push(...renew(state, lease, nowMs, config));
  }
  return effects;
}

function lossOf(state: PulseState, lease: Lease, nowMs: number, config: PulseConfig): LossCause | undefined {
  // L3: an element that ran out is gone; only a new grant makes another.
  if (nowMs >= lease.untilMs && !config.without.has('L3')) return 'expired';
  if (state.isolated) return 'isolated';
  if (unnamed(state, lease, config)) return 'not-named';
  return undefined;
}

/** A grant's number is the register index that first named it, so an older register says nothing of it (M3). */
function unnamed(state: PulseState, lease: Lease, config: PulseConfig): boolean {
  const { named } = state;
  if (config.without.has('M3') || named.term !== state.term) return false;
  const knowsIt = named.term > lease.grant.term || named.index >= lease.grant.n;
  return knowsIt && !isNamed(state, lease);
}

function isNamed(state: PulseState, lease: Lease): boolean {
  return state.named.grants.some(
    ({ service, grant }) => service === lease.service && compareGrants(grant, lease.grant) === 0,
  );
}

function renew(state: PulseState, lease: Lease, nowMs: number, config: PulseConfig): PulseEffect[] {
  const { leaseMs } = config.timing;
  // M3: only what the current director's register names.
  if (!config.without.has('M3') && (state.named.term !== state.term || !isNamed(state, lease))) return [];
  if (state.amnesiac && !config.without.has('T4')) return [];
  const untilMs = provenForSelf(state, nowMs, config) + leaseMs;
  if (nowMs - (state.renewedMs.get(lease.service) ?? Number.NEGATIVE_INFINITY) < leaseMs / RENEWALS_PER_LEASE)
    return [];
  if (!(untilMs > lease.untilMs + 1) || untilMs <= nowMs) return [];
  state.renewedMs.set(lease.service, nowMs);
  const renewed = { ...lease, untilMs };
  state.leases.set(lease.service, renewed);
  // On disk before the kernel, so that a pulse that comes back never believes in an earlier end than the kernel's.
  return [persist(state), { kind: 'renew', lease: renewed, revive: config.without.has('L3') }];
}

/** Own send time that the director vouched for; a director's own addresses stand on its proof (L1, L2). */
function provenForSelf(state: PulseState, nowMs: number, config: PulseConfig): number {
  if (!state.elected) return state.echoedSentMs;
  return proofStands(state, nowMs, config) ? provenSentMs(state, nowMs, config) : Number.NEGATIVE_INFINITY;
}

/** Ends a lease and refuses its grant from now on: that is what a confirmation means (M2). */
export function lose(state: PulseState, lease: Lease, why: LossCause): PulseEffect[] {
  const { service, grant } = lease;
  state.leases.delete(service);
  refuse(state, service, grant);
  state.changed = true;
  return [
    { kind: 'delete', lease },
    persist(state),
    { kind: 'tell', message: { kind: 'lost', service, grant, why } },
    { kind: 'log', event: 'lease-lost', fields: { service, grant, why } },
  ];
}

/**
 * A pulse that returns holds what stands in the kernel. What its forerunner held besides ran out meanwhile: it is given
 * up for good and said so, or the director would believe in it for as long as the board lives (M2).
 */
export function inherit(state: PulseState, standing: readonly Lease[]): void {
  for (const { service, grant } of [...state.leases.values()]) {
    if (standing.some((lease) => lease.service === service && compareGrants(lease.grant, grant) === 0)) continue;
    state.leases.delete(service);
    refuse(state, service, grant);
  }
}

export function refuse(state: PulseState, service: string, grant: Grant): void {
  const before = state.refused.get(service);
  if (before === undefined || compareGrants(grant, before) > 0) state.refused.set(service, grant);
}
