import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '@softset/lab';
import { helper, notBuilt } from './helpers.js';
import type { Taken } from './taken.js';

interface Renewal {
  /** When the kernel's word of it was read, CLOCK_MONOTONIC ms. */
  readonly atMs: number;
  /** Whose transaction it was. */
  readonly pid: number;
}

const waitMs = 5_000;

/** Kills the holder's pulse: from then to the first renewal of a lease by the pulse that comes after it, ms. */
export async function pulseRestart(lab: Lab, holder: string): Promise<Taken> {
  const program = helper('lease-watch');
  if (program === undefined) return { unable: notBuilt };
  const child = await lab.board(holder).spawn([process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: Renewal[] = [];
  if (child.stdout) createInterface(child.stdout).on('line', (line) => seen.push(JSON.parse(line) as Renewal));
  const first = async (which: (renewal: Renewal) => boolean): Promise<Renewal | undefined> => {
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 5) {
      const found = seen.find(which);
      if (found !== undefined) return found;
      await sleep(5);
    }
    return undefined;
  };
  try {
    const before = await first(() => true);
    if (before === undefined) return { unable: 'no renewal was seen before the fault' };
    const { atMs } = await lab.fault('kill', `${holder}:netrack-pulse`);
    const after = await first((renewal) => renewal.atMs > atMs && renewal.pid !== before.pid);
    return after === undefined ? { unable: `no renewal in ${waitMs / 1000} s` } : { ms: after.atMs - atMs, stallMs: 0 };
  } finally {
    child.kill('SIGKILL');
  }
}
