import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch } from 'node:process';
import { cache } from './places.mjs';
import { run } from './run.mjs';

/*
 * Debian packages without root: downloaded with apt's own trust, unpacked into a folder of ours, never installed.
 */

export const debianRoot = join(cache, 'debian-root');
const debs = join(cache, 'debs');
const apt = join(cache, 'apt');

/** Debian's multiarch name of this machine (https://wiki.debian.org/Multiarch/Tuples). */
const TRIPLETS = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  ia32: 'i386-linux-gnu',
  ppc64: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
};
export const triplet = TRIPLETS[arch] ?? `${arch}-linux-gnu`;

/** Where libraries of the unpacked packages lie. */
export const libraryFolder = join(debianRoot, 'usr/lib', triplet);
/** Start scripts of the unpacked commands, for PATH. */
export const commandFolder = join(debianRoot, 'commands');

/** Downloads and unpacks a package and what it lacks on this machine. Resolves to an error text, or '' when done. */
export async function unpack(name) {
  for (const folder of [debs, debianRoot, join(apt, 'lists/partial'), join(apt, 'cache/archives/partial')]) {
    mkdirSync(folder, { recursive: true });
  }
  const own = ['-o', `Dir::State::lists=${join(apt, 'lists')}`, '-o', `Dir::Cache=${join(apt, 'cache')}`];
  const own2 = [...own, '-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User='];
  // The machine's package lists serve where they exist; a fresh container has none, and a user may not fetch them.
  let options = [];
  let wanted = await missing(name, options);
  if (wanted === undefined) {
    options = own2;
    const update = await run('apt-get', [...options, 'update', '-qq']);
    if (update.code !== 0) return lastOf(update.text) || 'apt-get update failed';
    wanted = await missing(name, options);
  }
  if (wanted === undefined) return `apt-get knows no package ${name}`;
  const download = await run('apt-get', [...options, '-qq', 'download', ...wanted], { cwd: debs });
  if (download.code !== 0) return lastOf(download.text) || 'apt-get download failed';
  for (const one of wanted) {
    const bare = one.replace(/:.*$/, '');
    const files = readdirSync(debs).filter((file) => file.startsWith(`${bare}_`) && file.endsWith('.deb'));
    for (const file of files) {
      const unpacked = await run('dpkg-deb', ['-x', join(debs, file), debianRoot]);
      if (unpacked.code !== 0) return lastOf(unpacked.text);
    }
  }
  wrapCommands();
  return '';
}

/** The packages that installing `name` would add, by a dry run; undefined where apt does not know it. */
async function missing(name, options) {
  const dry = await run('apt-get', [...options, '-s', '--no-install-recommends', 'install', name], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (dry.code !== 0) return undefined;
  const added = [...dry.text.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
  // Already installed, yet the thing itself was not found: an odd machine; its own copy is unpacked once more.
  return added.length > 0 ? added : [name];
}

/**
 * An unpacked program does not find its unpacked libraries by itself. The path is set in a script per command and
 * not for everything that we start: Node and the shell keep the machine's own libraries.
 */
function wrapCommands() {
  mkdirSync(commandFolder, { recursive: true });
  const libraries = [libraryFolder, join(debianRoot, 'lib', triplet), join(debianRoot, 'usr/lib')].join(':');
  for (const folder of ['usr/sbin', 'sbin', 'usr/bin', 'bin']) {
    const from = join(debianRoot, folder);
    if (!existsSync(from)) continue;
    for (const name of readdirSync(from)) {
      const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${join(from, name)}' "$@"\n`;
      const path = join(commandFolder, name);
      if (existsSync(path) && readFileSync(path, 'utf8') === script) continue;
      writeFileSync(path, script);
      chmodSync(path, 0o755);
    }
  }
}

export function lastOf(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
