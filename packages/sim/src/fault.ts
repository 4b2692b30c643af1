import type { BoardId, Change, Network } from '@softset/protocol';
import type { ProcessName } from './board.js';

/** A board by its number, or by what it is at that moment. */
export type BoardRef = BoardId | 'director' | 'holder' | 'deputy';

/** Strikes now, or before the next effect of that kind, or after that many steps of the process. */
interface When {
  readonly before?: string;
  readonly steps?: number;
}

/** What goes wrong, when, and for how long. Plain data: a seed makes a list of them, a scenario writes one down. */
export type Fault = { readonly atMs: number } & (
  | ({
      readonly kind: 'freeze';
      readonly board: BoardRef;
      readonly process: ProcessName | 'board';
      readonly ms: number;
      readonly within?: ProcessName;
    } & When)
  | ({ readonly kind: 'kill'; readonly board: BoardRef; readonly process: ProcessName; readonly ms: number } & When)
  | ({
      readonly kind: 'reboot';
      readonly board: BoardRef;
      readonly ms: number;
      readonly disk: 'kept' | 'lost';
      readonly within?: ProcessName;
    } & When)
  | { readonly kind: 'link'; readonly board: BoardRef; readonly network: Network; readonly ms: number }
  | {
      readonly kind: 'mute';
      readonly board: BoardRef;
      readonly networks: readonly Network[];
      readonly way: 'tx' | 'rx' | 'both';
      readonly ms: number;
    }
  /** These pairs do not reach one another, in that direction: partitions, one-way faults, a cut trunk. */
  | {
      readonly kind: 'cut';
      readonly networks: readonly Network[];
      readonly pairs: readonly (readonly [BoardId, BoardId])[];
      readonly ms: number;
    }
  | { readonly kind: 'switch'; readonly network: Network; readonly ms: number }
  /** Everybody's datagrams on the network; with `pairs`, those that go from the first to the second alone. */
  | {
      readonly kind: 'loss';
      readonly network: Network;
      readonly percent: number;
      readonly pairs?: readonly (readonly [BoardId, BoardId])[];
      readonly ms: number;
    }
  | { readonly kind: 'late'; readonly network: Network; readonly percent: number; readonly ms: number }
  | { readonly kind: 'relay-late'; readonly percent: number; readonly upToMs: number; readonly ms: number }
  /** All that the board sends meanwhile arrives once more, so much later: after it died, from an old life. */
  | { readonly kind: 'copies'; readonly board: BoardRef; readonly byMs: number; readonly ms: number }
  /** The link between the two switches: what the private networks do without, and public addresses do not. */
  | { readonly kind: 'trunk'; readonly ms: number }
  /** Its monotonic clock jumps forward: a machine that was suspended. */
  | { readonly kind: 'clock-step'; readonly board: BoardRef; readonly byMs: number }
  /** A second machine that says it is this board, with a card and a boot of its own: its pulse alone runs. */
  | { readonly kind: 'twin'; readonly board: BoardRef; readonly ms: number }
  /** Their netrackds miss the director at the same time, and stand. */
  | { readonly kind: 'misjudge'; readonly boards: readonly BoardRef[] }
  /** An operator moves a service. */
  | { readonly kind: 'wish'; readonly service: string; readonly board: BoardRef }
  /** An operator drains a board, leaves it alone, makes it a spare, gives it work again, or pins a service. */
  | { readonly kind: 'change'; readonly change: Change }
  /** An operator forces a quorum there. */
  | { readonly kind: 'force'; readonly board: BoardRef }
  /** Every power supply does as it is asked, or none does; without either it is left to chance. */
  | { readonly kind: 'fences-obey' | 'fences-fail'; readonly ms: number }
  /** Somebody empties the lease table. */
  | { readonly kind: 'flush'; readonly board: BoardRef }
);

/** Each of `a` to each of `b`, both ways. */
export function between(a: readonly BoardId[], b: readonly BoardId[]): [BoardId, BoardId][] {
  return a.flatMap((one) =>
    b.flatMap((other): [BoardId, BoardId][] =>
      one === other
        ? []
        : [
            [one, other],
            [other, one],
          ],
    ),
  );
}

export function oneWay(from: readonly BoardId[], to: readonly BoardId[]): [BoardId, BoardId][] {
  return from.flatMap((one) => to.flatMap((other): [BoardId, BoardId][] => (one === other ? [] : [[one, other]])));
}
