import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a board's first process is, and what of the kernel it is shown; shell, run in the new root's folder. */
export interface FirstProcess {
  readonly prepare: string;
  readonly run: string;
}

/** It does nothing but to reap those whose parent ended: a board without systemd. */
export const nothing: FirstProcess = { prepare: 'mount --rbind /dev dev', run: 'sleep 100000 & wait' };

/**
 * As systemd wants a container (systemd.io/CONTAINER_INTERFACE): cgroups of its own, devices that harm nobody, and of the
 * kernel's settings those of its network alone, for the others are the machine's.
 */
export const systemd: FirstProcess = {
  prepare: `
    mount --bind proc/sys proc/sys
    mount --bind proc/sys/net proc/sys/net
    mount -o remount,bind,ro proc/sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=755 tmpfs dev
    for one in null zero full random urandom tty; do touch dev/$one; mount --bind /dev/$one dev/$one; done
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    mount -t tmpfs -o mode=755 tmpfs run
    mount -t tmpfs tmpfs tmp`,
  run: 'container=softset exec /lib/systemd/systemd --log-target=journal --show-status=false',
};

/** Where version 2 of cgroups is mounted; undefined where it is not, or is not ours to write. */
export function cgroup2(): string | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const found = mounts.map((line) => line.split(' ')).find((fields) => fields[2] === 'cgroup2');
  return found?.[3]?.split(',').includes('rw') ? found[1] : undefined;
}

/** The innermost first; processes that were killed leave a moment later. */
export async function removeCgroup(path: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    try {
      const inner = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
      for (const entry of inner.reverse()) rmdirSync(join(entry.parentPath ?? entry.path, entry.name));
      rmdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      await sleep(50);
    }
  }
}
