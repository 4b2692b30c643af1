import { unwrap } from '@softset/base';
import { monotonicMs } from '@softset/lab/clock.js';
import { PollSet } from '@softset/linux/fd.js';
import { openNftMonitor } from '@softset/linux/nft-monitor.js';

/*
 * On a board: a JSON line for each transaction that adds an element to a set of leases, with the instant at which the
 * kernel's word of it was read (CLOCK_MONOTONIC, ms) and the process that made it. Ends when it is killed.
 */

const monitor = unwrap(openNftMonitor());
const waiting = new PollSet();
waiting.add(monitor.fd);
/** Renewals come every few ms; this only bounds the wait of a board without leases. */
const waitMs = 1_000;

for (;;) {
  waiting.wait(waitMs);
  const atMs = monotonicMs();
  for (const event of monitor.read()) {
    if (event.kind !== 'transaction') continue;
    const renews = event.changes.some(({ kind, name }) => kind === 'set-element-added' && name.startsWith('lease'));
    if (renews) process.stdout.write(`${JSON.stringify({ atMs, pid: event.pid })}\n`);
  }
}
