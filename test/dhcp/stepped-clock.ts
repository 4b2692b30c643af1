import { readFileSync } from 'node:fs';

/**
 * Preloaded into a daemon (`node --import`): its wall clock is off by what the file says, in ms, from one moment to the
 * next, as when an operator or NTP sets it. The monotonic clock stays, as a kernel's does.
 */
const file = process.env.SOFTSET_CLOCK_FILE ?? '';
const real = Date.now;
Date.now = (): number => {
  try {
    return real() + Number(readFileSync(file, 'utf8'));
  } catch {
    return real();
  }
};
