import { setTimeout as sleep } from 'node:timers/promises';
import type { Prober } from '@softset/lab';
import type { RedirectMethods } from '@softset/protocol';
import { type Chassis, startChassis } from '../../demo/chassis.js';
import { echoPort, publicAddress } from '../../demo/programs.js';
import type { Scene, StepId } from '../../demo/step.js';
import { steps } from '../../demo/steps.js';
import { type Kind, kinds } from './cases.js';
import { clockBoard } from './program-clock.js';
import { guarded, services, withPrograms } from './services.js';
import { fromOutage, type Taken } from './taken.js';

/** Boards boot, daemons start and agree; on a busy machine that takes its time. */
const wellMs = 150_000;
const firstWellMs = 90_000;
const recoveryMs = 5_000;
/** The register's round, the move, and what comes after it. */
const changeWatchMs = 500;

type Wish = RedirectMethods['change']['params'];

/** Our chassis: every daemon on seven boards, rested while a peer is measured so that it takes none of its processors. */
export class Ours {
  readonly chassis: Chassis;
  #resting = false;

  private constructor(chassis: Chassis) {
    this.chassis = chassis;
  }

  static async start(name: string): Promise<Ours> {
    const chassis = await startChassis({
      name,
      web: false,
      lifeMs: 3_600_000,
      services,
      amend: withPrograms,
    });
    // A prober stands only while it measures; the observer asks a thousand times a second, and judges nothing here.
    await Promise.all([chassis.prober.stop(), chassis.observer.stop()]);
    const ours = new Ours(chassis);
    const why = await ours.well(firstWellMs);
    if (why === undefined) return ours;
    await chassis.stop();
    throw new Error(`our chassis did not come up in ${firstWellMs / 1000} s: ${why}`);
  }

  /** Heals, wakes, and waits until both services are held. Undefined, or what still is not well. */
  async well(deadlineMs = wellMs): Promise<string | undefined> {
    await this.chassis.lab.heal();
    this.#resting = false;
    return this.chassis.waitWell(deadlineMs, () =>
      this.chassis.holder(guarded.name) === undefined ? `${guarded.name} is not held` : this.#distrusted(),
    );
  }

  /** A link that was broken again and again is not used at once, and to break it then would show nothing. */
  #distrusted(): string | undefined {
    const faults = [...this.chassis.witnesses.values()].flatMap(({ state }) => state?.faults ?? []);
    return faults.find(({ kind }) => kind === 'link-flapping')?.evidence;
  }

  /** Stops every daemon where it is (SIGSTOP); `well` wakes them. What was broken is whole again before. */
  async rest(): Promise<void> {
    if (this.#resting) return;
    await this.well();
    this.#resting = true;
    for (const { name } of this.chassis.lab.topology.boards) await this.chassis.lab.fault('freeze', name);
  }

  async #probed(address: string, measure: (prober: Prober) => Promise<Taken>, place?: string): Promise<Taken> {
    const why = await this.well();
    if (why !== undefined) return { unable: `was not well after ${wellMs / 1000} s: ${why}` };
    const prober = await this.chassis.lab.prober({ address, port: echoPort }, place);
    try {
      const answers = await prober.answered(prober.mark(), recoveryMs);
      return answers ? await measure(prober) : { unable: 'nothing answered before the fault' };
    } finally {
      await prober.stop();
    }
  }

  /** A step of the demonstration, measured. */
  step(id: StepId): Promise<Taken> {
    const step = steps.find((one) => one.id === id);
    if (step === undefined) return Promise.resolve({ unable: `there is no step ${id}` });
    return this.#probed(publicAddress, async (prober) => {
      // The steps ask the chassis for its prober: here it is this run's.
      const chassis = Object.create(this.chassis, { prober: { value: prober } }) as Chassis;
      const unready = await step.arrange?.(chassis);
      const holder = chassis.holder();
      if (unready !== undefined || holder === undefined) return { unable: unready ?? 'nobody holds media' };
      const scene: Scene = { chassis, holder, standby: other(holder, ['cpu-1', 'cpu-2']) };
      const acted = await step.act(scene);
      const expected = step.moves ? scene.standby : holder;
      const recovered = await prober.answered(acted.atMs, recoveryMs, expected);
      await acted.done;
      const outage = await prober.outage(acted.atMs, step.watchMs(chassis));
      await step.mend?.(scene);
      return recovered ? fromOutage(outage) : { unable: `${acted.fault}: not recovered in ${recoveryMs / 1000} s` };
    });
  }

  /** The holder of a service with `takeover: strict` crashes. */
  strict(): Promise<Taken> {
    return this.#probed(guarded.address, async (prober) => {
      const holder = this.chassis.holder(guarded.name);
      if (holder === undefined) return { unable: `nobody holds ${guarded.name}` };
      const { atMs } = await this.chassis.lab.fault('crash', holder);
      const recovered = await prober.answered(atMs, recoveryMs, other(holder, guarded.pool));
      const outage = await prober.outage(atMs, this.chassis.timing.leaseMs * 3);
      return recovered ? fromOutage(outage) : { unable: `not recovered in ${recoveryMs / 1000} s` };
    });
  }

  /** An operator drains the holder of media: from the wish, so that what the register takes to write it down counts. */
  drain(): Promise<Taken> {
    return this.#changed(
      (holder) => ({ kind: 'drain', board: holder }),
      (holder) => ({ kind: 'activate', board: holder }),
      (holder) => other(holder, ['cpu-1', 'cpu-2']),
    );
  }

  /** An operator prefers network B: media's address moves there within its board, from the wish. */
  within(): Promise<Taken> {
    return this.#changed(
      () => ({ kind: 'prefer', network: 'B' }),
      () => ({ kind: 'prefer', network: 'A' }),
      (holder) => holder,
    );
  }

  /** A change of the register that moves media's address, taken back afterwards; `answers`: who does in the end. */
  #changed(
    wanted: (holder: string) => Wish,
    back: (holder: string) => Wish,
    answers: (holder: string) => string,
  ): Promise<Taken> {
    return this.#probed(publicAddress, async (prober) => {
      const { chassis } = this;
      const [holder, director] = [chassis.holder(), chassis.director()];
      const client = director === undefined ? undefined : chassis.witnesses.get(director)?.redirect;
      if (holder === undefined || client === undefined) return { unable: 'nobody holds media, or nobody directs' };
      const atMs = prober.mark();
      const told = await client.call('change', wanted(holder), { timeoutMs: recoveryMs });
      try {
        if (!told.ok) return { unable: `${told.code}: ${told.message}` };
        const recovered = await prober.answered(atMs, recoveryMs, answers(holder));
        const outage = await prober.outage(atMs, changeWatchMs);
        return recovered ? fromOutage(outage) : { unable: `not moved in ${recoveryMs / 1000} s` };
      } finally {
        await client.call('change', back(holder), { timeoutMs: recoveryMs });
      }
    });
  }

  /** A planned move of such an address; an IPv6 one is asked for by the router, which is on its segment. */
  async moved(kind: Kind): Promise<Taken> {
    const { address } = kinds[kind];
    const place = kind === 'ipv6' ? await this.#segment() : 'outside';
    return this.#probed(
      address,
      async (prober) => {
        const holder = this.chassis.holder(kind);
        if (holder === undefined) return { unable: `nobody holds ${kind}` };
        const to = other(holder, guarded.pool);
        const atMs = prober.mark();
        const refused = await this.chassis.move(to, kind);
        if (refused !== undefined) return { unable: refused };
        const recovered = await prober.answered(atMs, recoveryMs, to);
        const outage = await prober.outage(atMs, changeWatchMs);
        return recovered ? fromOutage(outage) : { unable: `not moved in ${recoveryMs / 1000} s` };
      },
      place,
    );
  }

  /** The example has no IPv6 on its segments; boards that booted since have to be given it again. */
  async #segment(): Promise<string> {
    const { lab } = this.chassis;
    const router = 'router-1';
    const run = (place: string, words: string) => lab.exec(place, ['ip', '-6', ...words.split(' ')]);
    await run(router, 'addr replace 2001:db8::fe/64 dev a0 nodad');
    for (const board of guarded.pool) await run(board, 'route replace 2001:db8::/64 dev a0 metric 200');
    return router;
  }

  /** What the design asks of a step at this timing, ms; daemons that are started again may cost nothing at all. */
  budgetMs(id: StepId): number | null {
    const step = steps.find((one) => one.id === id);
    return step === undefined ? null : Math.round(step.budgetMs(this.chassis));
  }

  /** Ready for measurements on `clockBoard`. */
  async clockReady(): Promise<boolean> {
    const client = this.chassis.witnesses.get(clockBoard);
    for (let tries = 0; tries < 100; tries++) {
      const boards = client?.state?.boards ?? [];
      const programs = boards.find((board) => board.name === clockBoard)?.programs ?? [];
      if (programs.some(({ program, state }) => program === 'clock' && state === 'up')) return true;
      await sleep(50);
    }
    return false;
  }

  stop(): Promise<void> {
    return this.chassis.stop();
  }
}

function other(board: string, pool: readonly string[]): string {
  return pool.find((one) => one !== board) ?? board;
}
