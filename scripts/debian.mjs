import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { commandFolder, debianRoot, lastOf, libraryFolder, triplet, unpack } from './debian-root.mjs';
import { needs } from './needs.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

/*
 * Debian packages by purpose. As root they are installed, with every service kept from starting; otherwise, or where
 * that fails, unpacked beside the code. What can be had neither way is named, with the line to run.
 */

const SYSTEM_COMMANDS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];
const SYSTEM_LIBRARIES = [
  '/usr/local/lib',
  `/usr/lib/${triplet}`,
  `/lib/${triplet}`,
  '/usr/lib64',
  '/lib64',
  '/usr/lib',
];
const POLICY = '/usr/sbin/policy-rc.d';

/** The environment in which what was unpacked is found; the machine's own things come first. */
export function environment() {
  const known = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  // An ordinary user's PATH often lacks sbin, where `ip` lives on Debian.
  const path = [...new Set([...known, ...SYSTEM_COMMANDS])];
  const env = { ...process.env, PATH: path.join(delimiter) };
  if (!existsSync(debianRoot)) return env;
  if (existsSync(commandFolder)) env.PATH = [...path, commandFolder].join(delimiter);
  if (existsSync(libraryFolder)) env.SOFTSET_LIB_DIR ??= libraryFolder;
  return env;
}

function present(need) {
  const env = environment();
  const folders = need.command
    ? env.PATH.split(delimiter)
    : [...SYSTEM_LIBRARIES, ...(env.SOFTSET_LIB_DIR ? [env.SOFTSET_LIB_DIR] : [])];
  return folders.some((folder) => existsSync(join(folder, need.command ?? need.library)));
}

/** Gets what the purposes need and what is not there. Resolves to the needs that could not be met. */
export async function debianPackages(purposes) {
  const wanted = needs.filter((need) => need.for.some((purpose) => purposes.includes(purpose)) && !present(need));
  const unmet = [];
  for (const need of wanted) {
    const problem = await obtain(need);
    if (problem === '' && present(need)) continue;
    unmet.push(need);
    const line = `apt-get install --no-install-recommends ${need.package}`;
    const effect = need.optional ? 'skipped' : 'MISSING';
    say(`${effect}: ${need.package} (${need.why}): ${problem || 'not found after installing'}; run as root: ${line}`);
  }
  return unmet;
}

async function obtain(need) {
  if ((await run('apt-get', ['--version'])).code !== 0) return 'no apt-get here';
  if (process.getuid() === 0) {
    const problem = await install(need);
    if (problem === '') {
      say(`installed ${need.package}: ${need.why}${need.service ? ' (its service stays off)' : ''}`);
      return '';
    }
    say(`apt-get install ${need.package}: ${problem}; unpacking it beside the code instead`);
  }
  const problem = await unpack(need.package);
  if (problem === '') say(`unpacked ${need.package} into .cache/debian-root: ${need.why}`);
  return problem;
}

async function install(need) {
  const removePolicy = denyServiceStarts();
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
    // Another installation may hold the lock for a while.
    const options = ['-o', 'DPkg::Lock::Timeout=120', '-qq', '-y', '--no-install-recommends'];
    const known = await run('apt-cache', ['show', '--no-all-versions', need.package], { env });
    if (known.code !== 0) await run('apt-get', ['-qq', 'update'], { env });
    let done = await run('apt-get', [...options, 'install', need.package], { env });
    if (done.code !== 0 && known.code === 0) {
      // Lists older than the archive name files that it no longer has.
      await run('apt-get', ['-qq', 'update'], { env });
      done = await run('apt-get', [...options, 'install', need.package], { env });
    }
    if (done.code !== 0) return lastOf(done.text) || `apt-get ended with code ${done.code}`;
    // Debian enables what it installs: not now, but it would start at the next boot.
    if (need.service) await run('systemctl', ['disable', need.service], { env });
    return '';
  } finally {
    removePolicy();
  }
}

/** invoke-rc.d asks this file before it starts anything, and 101 is "no" (Debian policy-rc.d specification). */
function denyServiceStarts() {
  if (existsSync(POLICY)) return () => {};
  const remove = () => rmSync(POLICY, { force: true });
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  } catch {
    return () => {};
  }
  process.once('exit', remove);
  return () => {
    process.off('exit', remove);
    remove();
  };
}
