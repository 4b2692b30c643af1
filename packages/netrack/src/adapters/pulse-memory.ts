import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '@softset/base';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import type { PulseMemory } from '../core/pulse/types.js';

/**
 * What the pulse leaves for the pulse after it: in the run directory, which is memory and dies with the kernel. No
 * checksum: a file system in memory does not tear what rename replaced.
 */
export function pulseMemoryPath(runDir: string): string {
  return join(runDir, 'pulse.json');
}

/** Nothing for no file, an unreadable one, or one of another boot: such a board is amnesiac until netrackd knows better. */
export function readPulseMemory(runDir: string, boot: string): PulseMemory | undefined {
  try {
    const memory = JSON.parse(readFileSync(pulseMemoryPath(runDir), 'utf8')) as PulseMemory;
    return memory.boot === boot ? memory : undefined;
  } catch {
    return undefined;
  }
}

/** Errors: errno's names. */
export function writePulseMemory(runDir: string, memory: PulseMemory): Result<void> {
  return writeFileAtomicSync(pulseMemoryPath(runDir), JSON.stringify(memory), { mode: 0o600 });
}
