import type { Mac } from '@softset/base';
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

/** Runs look-ups: one for a MAC at a time, however many wait for it. */
export class Locator {
  readonly #switches: GeoDhcp['switches'];
  readonly #askers: ReadonlyMap<string, SwitchAsker>;
  readonly #config: LookupConfig;
  readonly #nowMs: () => number;
  readonly #flying = new Map<Mac, Promise<Located>>();
  readonly #timers: Timers;

  constructor(geo: GeoDhcp, askers: ReadonlyMap<string, SwitchAsker>, nowMs: () => number) {
    this.#switches = geo.switches;
    this.#askers = askers;
    this.#config = defaultLookup(geo.lookupMs);
    this.#nowMs = nowMs;
    this.#timers = new Timers(nowMs);
  }

  /** All switches of the network at once; of all networks where none is named. */
  locate(mac: Mac, network?: Network): Promise<Located> {
    const flying = this.#flying.get(mac);
    if (flying !== undefined) return flying;
    const first = this.#switches
      .filter((one) => network === undefined || one.network === network)
      .map(({ name }) => name);
    const looking = new Promise<Located>((done) => this.#run(mac, first, done)).finally(() => this.#flying.delete(mac));
    this.#flying.set(mac, looking);
    return looking;
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
