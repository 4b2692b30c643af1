import type { BeatName, Network } from '@softset/protocol';
import type { PulseState } from './types.js';

interface Taken {
  readonly name: BeatName;
  /** The newest that was known before this turn. */
  readonly floor: number;
}

/**
 * Which of the beats that waited together in one network's sockets are worth checking. Each says all that those before
 * it said, so of one life only the newest is needed, and a pulse that was late has as little to do as one that was not.
 *
 * The newest is asked first, and passes only once its HMAC was right: a forged one must not push the true ones aside.
 * Repeated numbers are let through, for `hear` to refuse and count.
 */
export class Intake {
  readonly #state: PulseState;
  readonly #network: Network;
  /** By board; a byte tells the board. */
  readonly #taken: (Taken | undefined)[] = new Array<Taken | undefined>(256).fill(undefined);
  #boards: number[] = [];

  constructor(state: PulseState, network: Network) {
    this.#state = state;
    this.#network = network;
  }

  /** A new turn: the sockets were empty. */
  begin(): void {
    for (const board of this.#boards) this.#taken[board] = undefined;
    this.#boards.length = 0;
  }

  /** Before a beat is checked: whether a newer one of that life was taken in this turn. */
  superseded(name: BeatName): boolean {
    const taken = this.#taken[name.board];
    if (taken === undefined) return false;
    const { name: newest, floor } = taken;
    const sameLife =
      newest.bootLow === name.bootLow && newest.bootHigh === name.bootHigh && newest.incarnation === name.incarnation;
    return sameLife && name.sequence < newest.sequence && name.sequence > floor;
  }

  /** Its HMAC was right, and it is about to be heard. */
  take(name: BeatName): void {
    if (this.#taken[name.board] !== undefined) return;
    this.#taken[name.board] = { name, floor: this.#state.peers.get(name.board)?.lastSequence[this.#network] ?? -1 };
    this.#boards.push(name.board);
  }
}
