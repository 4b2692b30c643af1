import { assert, type Mac } from '@softset/base';
import type { GeoDhcp, Network } from '@softset/protocol';
import { Timers } from '@softset/runtime/timers.js';
import type { SwitchAsker } from './adapters/switch-asker.js';
import {
  beginLookup,
  defaultLookup,
  type Located,
  type LookupConfig,
  type LookupStep,
  stepLookup,
} from './core/lookup.js';
import { emptyQueue, enqueue, finished, type QueueTurn } from './core/lookup-queue.js';

interface Flying {
  readonly first: readonly string[];
  readonly done: (located: Located) => void;
  readonly looking: Promise<Located>;
}

/** What is said of a look-up that was given up: the question stays open. */
const nobody: Located = { kind: 'unreachable', evidence: [] };

/** Runs look-ups: one for a MAC at a time, however many wait for it. */
export class Locator {
  readonly #switches: GeoDhcp['switches'];
  readonly #askers: ReadonlyMap<string, SwitchAsker>;
  readonly #config: LookupConfig;
  readonly #nowMs: () => number;
  /** Look-ups that run or wait. */
  readonly #flying = new Map<Mac, Flying>();
  #queue = emptyQueue;
  readonly #timers: Timers;

  constructor(geo: GeoDhcp, askers: ReadonlyMap<string, SwitchAsker>, nowMs: () => number) {
    this.#switches = geo.switches;
    this.#askers = askers;
    this.#config = defaultLookup(geo.lookupMs);
    this.#nowMs = nowMs;
    this.#timers = new Timers(nowMs);
  }

  /** All switches of the network at once; of all networks where none is named. `known`: it goes before the others. */
  locate(mac: Mac, network?: Network, known = true): Promise<Located> {
    const flying = this.#flying.get(mac) ?? this.#wanted(mac, network);
    this.#take(enqueue(this.#queue, mac, known));
    return flying.looking;
  }

  #wanted(mac: Mac, network: Network | undefined): Flying {
    const first = this.#switches
      .filter((one) => network === undefined || one.network === network)
      .map(({ name }) => name);
    let done = (_: Located): void => {};
    const looking = new Promise<Located>((resolve) => (done = resolve));
    const flying = { first, done, looking };
    this.#flying.set(mac, flying);
    return flying;
  }

  #take({ queue, begin, drop }: QueueTurn): void {
    this.#queue = queue;
    for (const mac of drop) this.#end(mac, nobody);
    for (const mac of begin) {
      const one = this.#flying.get(mac);
      assert(one !== undefined, `a look-up of ${mac} begins that nobody wants`);
      this.#run(mac, one.first, (located) => {
        this.#end(mac, located);
        this.#take(finished(this.#queue, mac));
      });
    }
  }

  #end(mac: Mac, located: Located): void {
    const one = this.#flying.get(mac);
    this.#flying.delete(mac);
    one?.done(located);
  }

  #run(mac: Mac, first: readonly string[], done: (located: Located) => void): void {
    let over = false;
    const take = (turn: LookupStep): void => {
      state = turn.state;
      for (const effect of turn.effects) {
        if (over) return;
        switch (effect.kind) {
          case 'done':
            over = true;
            this.#timers.cancel(mac);
            done(effect.located);
            break;
          case 'arm':
            this.#timers.arm(mac, effect.atMs, () => go({ kind: 'tick' }));
            break;
          case 'ask': {
            const { switch: name, round } = effect;
            const asker = this.#askers.get(name);
            const asked = asker?.ask(mac) ?? Promise.resolve({ kind: 'failed', why: 'it cannot be asked' } as const);
            void asked.then((answer) => go({ kind: 'answered', switch: name, round, answer }));
          }
        }
      }
    };
    const go = (event: Parameters<typeof stepLookup>[1]): void => {
      if (!over) take(stepLookup(state, event, this.#nowMs(), this.#config));
    };
    const begun = beginLookup(mac, first, this.#nowMs(), this.#config);
    let { state } = begun;
    take(begun);
  }

  close(): void {
    this.#timers.cancelAll();
  }
}
