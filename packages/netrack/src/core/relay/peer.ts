import type { BoardId } from '@softset/protocol/cluster.js';
import type { Life } from './frame.js';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';
import type { Peer, RelayConfig } from './types.js';

/** Former boots of one board that are remembered; a board that reboots more often than this has other troubles. */
const RETIRED_MAX = 256;
/** Greetings after a start or a return, each later than the one before, when nothing waits for the answer. */
export const GREETINGS = 6;

export function newPeer(board: BoardId, config: RelayConfig): Peer {
  return {
    board,
    up: true,
    life: undefined,
    retired: [],
    inbox: new Inbox(config.queueMax),
    outbox: new Outbox(),
    datagrams: [],
    datagramSequence: 1,
    welcomedMs: Number.NEGATIVE_INFINITY,
    greetings: 0,
    greetAtMs: 0,
    greetWaitMs: config.retryMs,
  };
}

export function sameLife(a: Life | undefined, b: Life | undefined): boolean {
  return a?.boot === b?.boot && a?.session === b?.session;
}

/** A life that this peer has left behind: an earlier start of its daemon in the same boot, or an earlier boot. */
export function isOldLife(peer: Peer, life: Life): boolean {
  if (peer.life === undefined) return false;
  return life.boot === peer.life.boot ? life.session < peer.life.session : peer.retired.includes(life.boot);
}

/** Goes over to a new life of the peer: both streams begin anew. Returns the ids of messages lost with the old one. */
export function adoptLife(peer: Peer, life: Life, config: RelayConfig): number[] {
  if (peer.life !== undefined && peer.life.boot !== life.boot) {
    peer.retired.push(peer.life.boot);
    if (peer.retired.length > RETIRED_MAX) peer.retired.shift();
  }
  peer.life = life;
  peer.inbox = new Inbox(config.queueMax);
  peer.greetings = 0;
  return peer.outbox.restart().map((message) => message.id);
}

/** Starts asking the peer who it is, at once. */
export function beginGreeting(peer: Peer, nowMs: number, config: RelayConfig): void {
  peer.greetings = GREETINGS;
  peer.greetAtMs = nowMs;
  peer.greetWaitMs = config.retryMs;
}

/** Whether somebody must ask this peer who it is: something waits for the answer, or it is a beginning. */
export function wantsGreeting(peer: Peer): boolean {
  return peer.greetings > 0 || (peer.life === undefined && !(peer.outbox.idle && peer.datagrams.length === 0));
}
