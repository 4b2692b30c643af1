import type { Result } from '@softset/base';
import { removeCgroupTree } from '@softset/linux/cgroup.js';
import type { Program } from '@softset/protocol';
import type { Logger } from '@softset/runtime/log.js';
import { type CgroupRoot, enterCgroup, makeCgroup } from './adapters/cgroup.js';
import type { Children } from './adapters/children.js';
import { type LifeLimits, type LimitGroups, wasOutOfMemory } from './adapters/limit-groups.js';
import { markOf, type Owner } from './adapters/mark.js';
import { spawnProgram } from './adapters/spawn.js';
import type { End } from './core/events.js';

export interface SpawnerOptions {
  readonly owner: Owner;
  readonly children: Children;
  readonly cgroups: CgroupRoot | undefined;
  readonly limitGroups: LimitGroups;
  /** File descriptor for what the program writes. */
  readonly output: number;
  readonly notifySocket: () => string | undefined;
  readonly log: Logger;
}

/** The cgroup is made ahead and the last life's is removed later: neither stands in the way of a start. */
const tidyAfterMs = 20;

/** Starts the lives of one program, each in a cgroup of its own and within its limits. */
export class Spawner {
  readonly #options: SpawnerOptions;
  #cgroup: string | undefined;
  #next: { readonly number: number; readonly cgroup: string | undefined } | undefined;
  #limits: LifeLimits | undefined;

  constructor(options: SpawnerOptions, cgroup: string | undefined) {
    this.#options = options;
    this.#cgroup = cgroup;
  }

  /** Of the newest life. */
  get cgroup(): string | undefined {
    return this.#cgroup;
  }

  /** A life that was found is in no cgroup that is known. */
  forgetCgroup(): void {
    this.#cgroup = undefined;
  }

  /** Starts the life `number`, with `more` in its environment. Errors: as `spawnProgram`. */
  start(
    program: Program,
    number: number,
    more: Readonly<Record<string, string>>,
    onExit: (end: End) => void,
  ): Result<number> {
    const { owner, children, cgroups, limitGroups, output, notifySocket, log } = this.#options;
    const before = { cgroup: this.#cgroup, limits: this.#limits };
    const ready = this.#next?.number === number ? this.#next.cgroup : undefined;
    this.#next = undefined;
    this.#cgroup = ready ?? (cgroups && makeCgroup(cgroups, program.name, number));
    const limits = program.limits && limitGroups.make(program.name, number, program.limits);
    this.#limits = limits;
    if (limits && limits.unlimited.length > 0)
      log.warn('limits-without-cgroup', { program: program.name, controllers: limits.unlimited });
    // What goes into the background forks at once: it must be in its cgroup before, not a little later.
    const first = program.pidFile !== undefined && this.#cgroup !== undefined ? [this.#cgroup] : [];
    const started = spawnProgram(children, {
      program,
      mark: { ...markOf(owner, program.name, number), ...more },
      log: output,
      notifySocket: program.notify ? notifySocket() : undefined,
      enter: [...new Set([...first, ...(limits?.paths ?? [])])],
      boundAddresses: limits?.unlimited.includes('memory') ?? false,
      onExit: (end) => onExit(limits && isKill(end) && wasOutOfMemory(limits) ? { kind: 'oom' } : end),
    });
    if (started.ok && this.#cgroup !== undefined && first.length === 0) enterCgroup(this.#cgroup, started.value);
    setTimeout(() => this.#tidy(program.name, number, before), tidyAfterMs).unref();
    return started;
  }

  #tidy(program: string, number: number, before: { cgroup: string | undefined; limits: LifeLimits | undefined }): void {
    const { cgroups, limitGroups } = this.#options;
    if (before.cgroup !== undefined && before.cgroup !== this.#cgroup) removeCgroupTree(before.cgroup);
    if (before.limits) limitGroups.remove(before.limits);
    if (cgroups) this.#next ??= { number: number + 1, cgroup: makeCgroup(cgroups, program, number + 1) };
  }

  /** It is not to run any more: what was made ahead goes, and what is empty of the rest. */
  close(): void {
    for (const path of [this.#cgroup, this.#next?.cgroup]) if (path !== undefined) removeCgroupTree(path);
    if (this.#limits) this.#options.limitGroups.remove(this.#limits);
    this.#next = undefined;
  }
}

function isKill(end: End): boolean {
  return end.kind === 'signal' && end.signal === 'SIGKILL';
}
