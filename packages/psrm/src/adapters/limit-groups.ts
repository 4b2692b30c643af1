import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupName, cgroupParents, removeCgroupTree } from '@softset/linux/cgroup.js';
import type { Program } from '@softset/protocol';
import type { Owner } from './mark.js';

type Limits = NonNullable<Program['limits']>;
type Controller = 'memory' | 'cpu';

interface Root {
  readonly version: 1 | 2;
  readonly path: string;
}

/** The cgroups that limit one life, and what could not be limited by one. */
export interface LifeLimits {
  readonly paths: readonly string[];
  readonly memory?: string;
  readonly unlimited: readonly Controller[];
}

/** cpu.cfs_period_us and the like: the kernel's own default. */
const periodUs = 100_000;

/** Cgroups for memory and processor time. Made when first asked for; a machine where none can be made is told of. */
export class LimitGroups {
  readonly #owner: Owner;
  readonly #roots = new Map<Controller, Root | undefined>();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** For the life `number`. What fails is in `unlimited`. */
  make(program: string, number: number, limits: Limits): LifeLimits {
    const paths: string[] = [];
    const unlimited: Controller[] = [];
    let memory: string | undefined;
    for (const controller of ['memory', 'cpu'] as const) {
      const value = controller === 'memory' ? limits.memoryBytes : limits.cpuPercent;
      if (value === undefined) continue;
      const path = this.#limit(controller, `${program}.${number}`, value);
      if (path === undefined) unlimited.push(controller);
      else if (!paths.includes(path)) paths.push(path);
      if (controller === 'memory') memory = path;
    }
    return { paths, unlimited, ...(memory === undefined ? {} : { memory }) };
  }

  remove({ paths }: LifeLimits): void {
    for (const path of paths) removeCgroupTree(path);
  }

  /** When nothing of this psrmd's runs any more. */
  close(): void {
    for (const root of this.#roots.values()) if (root) removeCgroupTree(root.path);
  }

  #limit(controller: Controller, name: string, value: number): string | undefined {
    if (!this.#roots.has(controller)) this.#roots.set(controller, openRoot(this.#owner, controller));
    const root = this.#roots.get(controller);
    if (root === undefined) return undefined;
    const path = join(root.path, name);
    try {
      if (!existsSync(path)) mkdirSync(path);
      for (const [file, text] of settings(controller, root.version, value)) writeFileSync(join(path, file), text);
      return path;
    } catch {
      removeCgroupTree(path);
      return undefined;
    }
  }
}

function settings(controller: Controller, version: 1 | 2, value: number): readonly (readonly [string, string])[] {
  if (controller === 'memory') {
    // All of it at once: a program that lost one process at random is in no state that anybody tested.
    if (version === 2)
      return [
        ['memory.max', String(value)],
        ['memory.oom.group', '1'],
      ];
    return [['memory.limit_in_bytes', String(value)]];
  }
  const quotaUs = Math.round((value / 100) * periodUs);
  return version === 2
    ? [['cpu.max', `${quotaUs} ${periodUs}`]]
    : [
        ['cpu.cfs_period_us', String(periodUs)],
        ['cpu.cfs_quota_us', String(quotaUs)],
      ];
}

function openRoot(owner: Owner, controller: Controller): Root | undefined {
  try {
    for (const { version, path: parent } of cgroupParents(controller)) {
      const path = join(parent, cgroupName(owner.board, owner.runDir));
      try {
        if (!existsSync(path)) mkdirSync(path);
        // v2 hands controllers down by hand, and refuses where the parent has processes of its own and is not the root.
        if (version === 2)
          for (const at of [parent, path]) writeFileSync(join(at, 'cgroup.subtree_control'), `+${controller}`);
        for (const entry of readdirSync(path, { withFileTypes: true }))
          if (entry.isDirectory()) removeCgroupTree(join(path, entry.name));
        return { version, path };
      } catch {
        // Read-only, or not ours to write: the next one.
      }
    }
  } catch {
    // No /proc/self/cgroup: a kernel without.
  }
  return undefined;
}

/** Whether the kernel killed a member for want of memory (memory.events of v2, memory.oom_control of v1). */
export function wasOutOfMemory({ memory }: LifeLimits): boolean {
  if (memory === undefined) return false;
  for (const file of ['memory.events', 'memory.oom_control']) {
    try {
      const count = /^oom_kill (\d+)$/m.exec(readFileSync(join(memory, file), 'latin1'))?.[1];
      if (count !== undefined) return Number(count) > 0;
    } catch {
      // The other version's.
    }
  }
  return false;
}
