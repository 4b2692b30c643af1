import { closeSync, openSync } from 'node:fs';

/*
 * One descriptor is kept for bad times. What psrmd cannot read of /proc it would take for a process that is gone, and
 * start a second copy, or call stopped what still runs: so where it has no descriptor left, it reads with this one.
 */
let spare: number | undefined;

/** At the start, where being out of them is told. Throws a system error. */
export function keepSpareDescriptor(): void {
  spare ??= openSync('/dev/null', 'r');
}

/** Does what needs a descriptor for an instant: where none is left, the spare one is given up for it. Throws as `act` does. */
export function withSpareDescriptor<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isOutOfDescriptors(error) || spare === undefined) throw error;
  }
  closeSync(spare);
  spare = undefined;
  try {
    return act();
  } finally {
    try {
      keepSpareDescriptor();
    } catch {
      // Somebody else took it meanwhile (a thread that opens a file): without it, being out of them is told.
    }
  }
}

/** Of this process, or of the whole machine. */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}
