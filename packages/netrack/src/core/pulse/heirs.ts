import { type Beat, type BoardId, compareGrants, GONE_MAX, type Grant, type Order } from '@softset/protocol';
import type { Peer, PulseConfig, PulseState } from './types.js';

/**
 * From hand to hand (M8): a board that lets go of a service for an heir says so in its own beats, the first of which
 * leaves at once, and the heir's pulse takes that for the holder's confirmation (M1 a) without a way over the director.
 *
 * ```
 *   holder   release, heir ─► element and address gone, refusal kept (M2) ─► beat: gone up to the grant ──┐
 *   heir     create, after ─► waiting ────────────────────────────────────────────── heard ◄──────────────┘
 *                                                                                      └─► element and address
 * ```
 * What a beat says of a grant stays true for ever: the board creates nothing under that one or an earlier. So it may come
 * late, twice, or out of an earlier life. A beat that is lost is followed by the next one, which says the same. That an
 * order waits does not lengthen its life: it is looked at when the heir's turn comes, and may have lapsed (M5).
 */
export function tellHeir(state: PulseState, service: string, grant: Grant, heir: BoardId, config: PulseConfig): void {
  const bit = config.services.indexOf(service);
  if (bit < 0) return;
  state.gone = [{ bit, grant }, ...state.gone.filter((one) => one.bit !== bit)].slice(0, GONE_MAX);
  state.heirs = [...state.heirs.filter((one) => one !== heir), heir];
}

/** Notes what another board let go of. Whether it was news. */
export function hearGone(peer: Peer, { gone }: Beat, { services }: PulseConfig): boolean {
  let news = false;
  for (const { bit, grant } of gone) {
    const service = services[bit];
    const known = service === undefined ? undefined : peer.gone.get(service);
    if (service === undefined || (known !== undefined && compareGrants(known, grant) >= 0)) continue;
    peer.gone.set(service, grant);
    news = true;
  }
  return news;
}

/** Whether the board that the order comes after, if there is one, said that it let go. */
export function isGone(
  state: PulseState,
  { service, after }: Pick<Order, 'service' | 'after'>,
  { without }: PulseConfig,
): boolean {
  if (after === undefined || without.has('M8')) return true;
  const said = state.peers.get(after.board)?.gone.get(service);
  return said !== undefined && compareGrants(said, after.grant) >= 0;
}
