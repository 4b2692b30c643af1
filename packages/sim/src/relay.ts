import type { BoardMessage } from '@softset/protocol';
import { NETWORKS } from '@softset/protocol';
import type { Board } from './board.js';
import type { NetrackdProcess } from './netrackd-process.js';
import type { World } from './world.js';

/** Retransmissions of a message, and the pause between them in ms. */
const TRIES = 5;
const PAUSE_MS = 6;

/**
 * Messages between netrackds: on both networks at once, sent again until one arrives, told apart by number. It is made
 * worse than the relay is: a few come twice, and nothing keeps them in order.
 */
export function relay(
  world: World,
  from: NetrackdProcess,
  sender: Board,
  receiver: Board,
  message: BoardMessage,
): void {
  const { timeline, wire, random } = world;
  let arrived: NetrackdProcess | undefined;
  const arrive = (): void => {
    // A netrackd that was restarted meanwhile does not know that its forerunner had it.
    if (arrived !== undefined && arrived === receiver.netrackd && !random.chance(0.02)) return;
    arrived = receiver.netrackd;
    receiver.netrackd?.receive({ kind: 'message', from: sender.id, message });
  };
  const attempt = (tries: number): void => {
    for (const network of NETWORKS) {
      const { percent, upToMs } = world.relayLate;
      const late = percent > 0 && random.next() * 100 < percent;
      wire.send(network, sender.id, receiver.id, late ? () => timeline.after(random.next() * upToMs, arrive) : arrive);
    }
    if (tries === 1) return;
    timeline.after(PAUSE_MS, () => {
      if (!arrived && from.alive && timeline.nowMs >= from.frozenUntilMs) attempt(tries - 1);
    });
  };
  attempt(TRIES);
}
