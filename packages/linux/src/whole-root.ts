import { readFileSync } from 'node:fs';

/** Root of the machine. Root of a user namespace has the name alone: no real-time scheduling, no other user (user_namespaces(7)). */
export function isWholeRoot(): boolean {
  if (process.getuid?.() !== 0) return false;
  const [, , count] = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  return count === '4294967295';
}
