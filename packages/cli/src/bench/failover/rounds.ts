import { setTimeout as sleep } from 'node:timers/promises';
import { figures } from '../figures.js';
import { type Measured, makeRow, type Row } from '../row.js';
import {
  type Case,
  isKind,
  isStepCase,
  programRestartRatio,
  pulseRestartMs,
  stepCases,
  strictAllowanceMs,
} from './cases.js';
import { floorRun } from './floor.js';
import type { KeepalivedVariant } from './keepalived.js';
import type { Ours } from './ours.js';
import type { PeerLab } from './peer-lab.js';
import { isPeerCase, peerRun } from './peer-run.js';
import { clockTimes } from './program-clock.js';
import { pulseRestart } from './pulse-restart.js';
import { type Taken, Takings } from './taken.js';

/** psrmd counts a death as a first one after so long, ms; two in a row are restarted at once. */
const quietMs = 10_500;
const deathsAtOnce = 2;
const bare = 'bare-spawn';
const ours = 'ours';

/** Runs every case once a round, ours beside the peers', and keeps what was found. */
export class Rounds {
  readonly #ours: Ours;
  readonly #peers: PeerLab;
  readonly #variants: readonly KeepalivedVariant[];
  readonly #cases: readonly Case[];
  readonly #takings = new Map<string, Takings>();
  #clockMs = Number.NEGATIVE_INFINITY;

  constructor(own: Ours, peers: PeerLab, variants: readonly KeepalivedVariant[], wanted: readonly Case[]) {
    this.#ours = own;
    this.#peers = peers;
    this.#variants = variants;
    this.#cases = wanted;
  }

  #of(id: Case, who: string): Takings {
    const key = `${id} ${who}`;
    const takings = this.#takings.get(key) ?? new Takings();
    this.#takings.set(key, takings);
    return takings;
  }

  async play(say: (doing: string) => void): Promise<void> {
    for (const id of this.#cases) {
      say(id);
      if (id === 'program-restart') {
        await this.#programRestart();
        continue;
      }
      if (id === 'floor') {
        await this.#ours.rest();
        await this.#of(id, ours).take(() => floorRun(this.#peers));
        continue;
      }
      await this.#of(id, ours).take(() => this.#own(id));
      if (!isPeerCase(id)) continue;
      for (const variant of this.#variants) {
        say(`${id}, ${variant}`);
        await this.#ours.rest();
        await this.#of(id, variant).take(() => peerRun(this.#peers, variant, id));
      }
    }
  }

  async #own(id: Exclude<Case, 'floor' | 'program-restart'>): Promise<Taken> {
    if (id === 'strict') return this.#ours.strict();
    if (id === 'drain') return this.#ours.drain();
    if (id === 'within') return this.#ours.within();
    if (isKind(id)) return this.#ours.moved(id);
    if (isStepCase(id)) return this.#ours.step(stepCases[id]);
    const why = await this.#ours.well();
    const holder = this.#ours.chassis.holder();
    if (why !== undefined || holder === undefined) return { unable: why ?? 'nobody holds media' };
    return pulseRestart(this.#ours.chassis.lab, holder);
  }

  async #programRestart(): Promise<void> {
    const why = await this.#ours.well();
    const ready = why === undefined && (await this.#ours.clockReady());
    if (!ready) return this.#of('program-restart', ours).take(async () => ({ unable: why ?? 'the program is not up' }));
    await sleep(Math.max(0, this.#clockMs + quietMs - performance.now()));
    const times = await clockTimes(this.#ours.chassis.lab, deathsAtOnce);
    this.#clockMs = performance.now();
    if (!times.ok) return this.#of('program-restart', ours).take(async () => ({ unable: times.message }));
    for (const ms of times.value.psrmd) await this.#of('program-restart', ours).take(async () => ({ ms, stallMs: 0 }));
    for (const ms of times.value.bare) await this.#of('program-restart', bare).take(async () => ({ ms, stallMs: 0 }));
  }

  /** `missing`: peers that are wanted and not installed. */
  rows(missing: readonly KeepalivedVariant[]): Row[] {
    return this.#cases.map((id) => {
      const measured = (who: string): Measured => this.#of(id, who).measured();
      const absent = (who: string): readonly [string, Measured] => [
        who,
        { samples: [], notes: ['keepalived is not installed: apt-get install keepalived'] },
      ];
      const unable = (who: string): readonly [string, Measured] => [
        who,
        isPeerCase(id) ? measured(who) : { samples: [], notes: [why(id)] },
      ];
      const none = id === 'floor' || id === 'pulse-restart';
      const peers = none ? [] : [...this.#variants.map(unable), ...missing.map(absent)];
      return makeRow({
        suite: 'failover',
        case: id,
        unit: 'ms',
        ours: measured(ours),
        peers: Object.fromEntries(id === 'program-restart' ? [[bare, measured(bare)]] : peers),
        budget: this.#budget(id),
      });
    });
  }

  #budget(id: Case): number | null {
    if (isStepCase(id)) return this.#ours.budgetMs(stepCases[id]);
    switch (id) {
      case 'drain':
      case 'within':
      case 'mac':
      case 'routed':
      case 'ipv6':
        return this.#ours.budgetMs('planned');
      case 'strict':
        return this.#ours.chassis.timing.leaseMs + strictAllowanceMs;
      case 'pulse-restart':
        return pulseRestartMs;
      case 'program-restart': {
        const spawn = figures(this.#of(id, bare).measured().samples);
        return spawn === null ? null : Math.round(spawn.median * programRestartRatio * 100) / 100;
      }
      case 'floor':
        return null;
    }
  }
}

/** Why a peer has no figure in a case that is not its own. */
function why(id: Case): string {
  switch (id) {
    case 'crash-director':
      return 'it has no director: see crash';
    case 'program':
      return 'it restarts no programs';
    case 'drain':
      return 'it has nothing to drain: see planned';
    case 'within':
      return 'it has one network: see planned';
    case 'mac':
    case 'routed':
    case 'ipv6':
      return 'it is measured with an IPv4 address by ARP: see planned';
    case 'strict':
      return 'it proves nothing before it takes over: see crash';
    default:
      return 'it has no such case';
  }
}
