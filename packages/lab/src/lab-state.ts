import { accessSync, constants, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alive } from './process-table.js';
import type { Topology } from './topology.js';

/** What the holder is told when it is started: `spec.json`. */
export interface LabSpec {
  readonly name: string;
  readonly topology: Topology;
  readonly userNamespace: boolean;
  /** Wall time, ISO 8601. */
  readonly createdAt: string;
  /** After so long the lab ends by itself; 0: never. At most 2^31-1 ms, setTimeout's limit. */
  readonly lifeMs: number;
}

/** What the holder says of itself: `state.json`, written whole. */
export interface LabState {
  readonly name: string;
  readonly state: 'starting' | 'up' | 'failed';
  /** PID 1 of the lab's process namespace as the outside sees it, and when it started: both, since pids come again. */
  readonly pid: number;
  readonly startTicks: number;
  readonly userNamespace: boolean;
  readonly createdAt: string;
  readonly message?: string;
}

/** statfs(2), <linux/magic.h>. */
const TMPFS_MAGIC = 0x0102_1994;

/**
 * Where labs keep their folders: $SOFTSET_LAB_DIR, or a folder of the lab's in memory: run directories are in memory on
 * a real board, and a disk's journal costs milliseconds that no board pays. /run, $XDG_RUNTIME_DIR and /dev/shm are
 * tried in this order; where none is in memory, /run or the temporary folder must do. Root in a user namespace is root
 * by name only, and may not write to /run.
 */
export function labsRoot(env: NodeJS.ProcessEnv = process.env): string {
  const uid = process.getuid?.() ?? 0;
  if (env.SOFTSET_LAB_DIR) return env.SOFTSET_LAB_DIR;
  const system = uid === 0 ? ['/run'] : [];
  const own = env.XDG_RUNTIME_DIR === undefined ? [] : [env.XDG_RUNTIME_DIR];
  const places = [...system, ...own, '/dev/shm', ...system, tmpdir()].filter(writable);
  const place = places.find(inMemory) ?? places[0] ?? tmpdir();
  return join(place, place === '/run' ? 'softset-lab' : `softset-lab-${uid}`);
}

function inMemory(dir: string): boolean {
  return statfsSync(dir).type === TMPFS_MAGIC;
}

function writable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function readState(labDir: string): LabState | undefined {
  try {
    return JSON.parse(readFileSync(join(labDir, 'state.json'), 'utf8')) as LabState;
  } catch {
    return undefined;
  }
}

export function labAlive(state: LabState): boolean {
  return alive(state.pid, state.startTicks);
}

export interface LabListing {
  readonly name: string;
  readonly dir: string;
  /** `dead` when its holder was killed: `down` removes what is left. */
  readonly state: LabState['state'] | 'dead';
}

/** Every lab that has a folder. */
export function listLabs(root = labsRoot()): LabListing[] {
  let names: string[] = [];
  try {
    names = readdirSync(root);
  } catch {
    return []; // No lab was ever made here.
  }
  return names.map((name) => {
    const dir = join(root, name);
    const state = readState(dir);
    if (state === undefined) return { name, dir, state: young(dir) ? 'starting' : 'dead' };
    return { name, dir, state: labAlive(state) ? state.state : 'dead' };
  });
}

/** A lab that was asked for just now has a folder, and its holder has not spoken yet. */
function young(dir: string): boolean {
  try {
    return Date.now() - statSync(dir).mtimeMs < 10_000;
  } catch {
    return false;
  }
}
