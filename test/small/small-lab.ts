import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Witness } from '@softset/cli/demo/witness.js';
import { labWithDaemons } from '@softset/cli/lab-cluster.js';
import { Lab } from '@softset/lab';
import type { Alarm, NetrackState } from '@softset/protocol';
import { patience, run, until } from '../e2e/bench.js';

export const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));

type Told = ReturnType<typeof run>;

/** A lab of a topology and a cluster file, with a witness at each board: what its daemons say, as the director says it. */
export class SmallLab {
  readonly lab: Lab;
  readonly #witnesses: readonly Witness[];

  private constructor(lab: Lab) {
    this.lab = lab;
    // Others, such as a router that runs nothing of ours, have nothing to say.
    const members = lab.topology.boards.filter(({ daemons }) => daemons.some(({ name }) => name === 'netrackd'));
    this.#witnesses = members.map(({ name }) => new Witness(name, lab.board(name).runDir));
  }

  /** `topology` names the cluster file `chassis.yaml`; `rules` is one file of rules. */
  static async ofTexts(name: string, topology: string, cluster: string, rules?: string): Promise<SmallLab> {
    const folder = mkdtempSync(join(tmpdir(), 'softset-small-lab-'));
    try {
      writeFileSync(join(folder, 'chassis.lab.yaml'), topology);
      writeFileSync(join(folder, 'chassis.yaml'), cluster);
      if (rules !== undefined) {
        mkdirSync(join(folder, 'rules'));
        writeFileSync(join(folder, 'rules/rules.yaml'), rules);
      }
      const made = await labWithDaemons({ file: join(folder, 'chassis.lab.yaml'), name, lifeMs: 600_000 });
      if (!made.ok) throw new Error(`${made.code}: ${made.message}`);
      return new SmallLab(made.value);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** One that a command brought up. */
  static attach(name: string): SmallLab {
    return new SmallLab(Lab.attach(name));
  }

  /** The newest word of the board that directs; undefined while none does, or two say so. */
  get state(): NetrackState | undefined {
    const directing = this.#witnesses.filter(({ state }) => state?.directing === true);
    return directing.length === 1 ? directing[0]?.state : undefined;
  }

  get director(): string | undefined {
    return this.#nameOf(this.state?.board);
  }

  /** `ctl: directs in term 3`, for each board: what a failure that cannot be right is explained by. */
  get words(): string {
    const word = ({ board, state }: Witness): string => {
      if (state === undefined) return `${board}: does not answer`;
      return `${board}: ${state.directing ? 'directs' : `follows ${this.#nameOf(state.director)}`} in term ${state.term}`;
    };
    return this.#witnesses.map(word).join('; ');
  }

  get alarms(): readonly Alarm[] {
    return this.state?.alarms ?? [];
  }

  witness(board: string): Witness {
    const found = this.#witnesses.find((one) => one.board === board);
    if (found === undefined) throw new Error(`no board ${board}`);
    return found;
  }

  alarm(cause: string, object?: string): Alarm | undefined {
    return this.alarms.find((one) => one.cause === cause && (object === undefined || one.object === object));
  }

  /** `io-1 io-2 -`: who holds each of them; `-`: nobody, or it is moving. */
  holders(...services: string[]): string {
    const state = this.state;
    const names = services.map((service) => {
      const now = state?.services.find((one) => one.service === service);
      return now?.phase === 'held' ? (this.#nameOf(now.holder?.board) ?? '-') : '-';
    });
    return names.join(' ');
  }

  /**
   * Brings services home as an operator does, one by one: `homes[i]` of `services[i]`. They may be apart from one another:
   * a board that is taken has to be left first, for one of `spares`.
   */
  async bringHome(services: readonly string[], homes: readonly string[], spares: readonly string[]): Promise<void> {
    for (let moves = 0; this.holders(...services) !== homes.join(' '); moves++) {
      const now = this.holders(...services).split(' ');
      if (moves > 2 * services.length) throw new Error(`${services} are on ${now} still`);
      const astray = homes.map((home, i) => ({ home, i })).filter(({ home, i }) => now[i] !== home);
      const free = [...homes, ...spares].filter((board) => !now.includes(board));
      const [one] = [...astray.filter(({ home }) => free.includes(home)), ...astray];
      if (one === undefined) return;
      const service = services[one.i] ?? '';
      const to = free.includes(one.home) ? one.home : (free.at(-1) ?? '');
      const { code, err } = this.softset('service', 'move', service, to);
      if (code !== 0) throw new Error(`service move ${service} ${to}: ${err}`);
      await until(`${service} is on ${to}`, () => (this.holders(service) === to ? true : undefined));
    }
  }

  /** The command, as an operator types it. */
  softset(...words: string[]): Told {
    return run(softset, [...words, words[0] === 'lab' ? '--name' : '--lab', this.lab.name], 60_000);
  }

  async untilWell(): Promise<void> {
    let wellSinceMs = Number.POSITIVE_INFINITY;
    for (const endMs = performance.now() + 60_000 * patience; ; await sleep(50)) {
      const why = this.#whyNotWell();
      wellSinceMs = why === undefined ? Math.min(wellSinceMs, performance.now()) : Number.POSITIVE_INFINITY;
      if (performance.now() - wellSinceMs > 500) return;
      if (performance.now() > endMs) throw new Error(`the lab is not well: ${why ?? 'never for long'}`);
    }
  }

  #whyNotWell(): string | undefined {
    const seen = this.state;
    if (seen === undefined) return 'no board directs';
    for (const { board, state } of this.#witnesses) {
      if (state === undefined) return `netrackd of ${board} does not answer`;
      if (state.director !== seen.board || state.term !== seen.term) return `${board} follows another director`;
      const fault = state.faults.find(({ kind }) => kind !== 'link-flapping');
      if (fault !== undefined) return `${board} says ${fault.kind} ${fault.target}: ${fault.evidence}`;
    }
    for (const { name, verdict, paths, daemons, programs } of seen.boards) {
      if (verdict !== 'up' && verdict !== 'self') return `${name} is ${verdict}`;
      if (!paths.A || !paths.B) return `${name} is not reached on both networks`;
      if (!daemons.includes('redirectd')) return `redirectd of ${name} is not there`;
      const program = programs.find(({ state }) => state !== 'ready');
      if (program !== undefined) return `${program.program} on ${name} is ${program.state}`;
    }
    const service = seen.services.find(({ phase }) => phase !== 'held');
    return service === undefined ? undefined : `${service.service} is ${service.phase}: ${service.cause}`;
  }

  #nameOf(id: number | undefined): string | undefined {
    return this.state?.boards.find(({ board }) => board === id)?.name;
  }

  /** Listens no more; the lab stays up. */
  leave(): void {
    for (const witness of this.#witnesses) witness.close();
  }

  async stop(): Promise<void> {
    this.leave();
    await this.lab.down();
  }
}
