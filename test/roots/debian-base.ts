import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const suite = 'bookworm';
/** What the package depends on, and what a board's operator has at hand. */
const packages = [
  'adduser',
  'apt',
  'init-system-helpers',
  'iproute2',
  'iputils-arping',
  'libstdc++6',
  'mount',
  'nftables',
  'procps',
  'systemd',
  'systemd-sysv',
  'udhcpc',
];
const name = `${suite}-${createHash('sha256').update(packages.join()).digest('hex').slice(0, 8)}`;

/**
 * A Debian root, made once and kept: a minute or two of downloading and unpacking, and nothing in it is ours. It is never
 * written to: boards are overlays over it.
 */
export async function debianBase(): Promise<string> {
  const kept = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'softset', name);
  if (existsSync(kept)) return kept;
  const half = `${kept}.${process.pid}`;
  mkdirSync(dirname(half), { recursive: true });
  try {
    await run(
      'mmdebstrap',
      ['--variant=essential', '--quiet', `--include=${packages.join(',')}`, '--dpkgopt=force-unsafe-io', suite, half],
      { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
    );
    renameSync(half, kept);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return kept;
}
