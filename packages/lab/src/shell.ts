/** One word for a POSIX shell, whatever it contains. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Gives this mount namespace a /run of its own, empty but for the lab's folder, which stays at its place so that paths
 * mean the same inside and outside. The namespace must be private already.
 */
export function privateRun(labDir: string): string {
  if (!labDir.startsWith('/run/')) return 'mount -t tmpfs -o mode=755 tmpfs /run';
  const fresh = quote(`${labDir}/.run`);
  const place = quote(`${labDir}/.run/${labDir.slice('/run/'.length)}`);
  return [
    `mkdir -p ${fresh}`,
    `mount -t tmpfs -o mode=755 tmpfs ${fresh}`,
    `mkdir -p ${place}`,
    `mount --bind ${quote(labDir)} ${place}`,
    `mount --rbind ${fresh} /run`,
  ].join('\n');
}

/**
 * Runs `command` as the one child of a shell that is PID 1 of its process namespace: the shell reaps orphans, which
 * Node does not, and ends, and with it everything in the namespace, when the child does.
 */
export function reapFor(command: readonly string[]): string {
  return `${command.map(quote).join(' ')} &\nwait $!`;
}
