import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { debianPackages, environment } from './debian.mjs';
import { packages, root } from './places.mjs';
import { run } from './run.mjs';
import { say, took } from './say.mjs';

/*
 * What every command does first. Quiet where nothing is to do; one line, on standard error, per thing done.
 */

/** Node's packages and Debian's. Resolves to the environment for what is started next and the needs left unmet. */
export async function setup(purposes) {
  await nodePackages();
  const unmet = purposes.length > 0 ? await debianPackages(purposes) : [];
  return { env: environment(), unmet };
}

async function nodePackages() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    say(`SOFTSET needs Node 20 or newer; this is ${process.versions.node}`);
    process.exit(111);
  }
  const lock = join(root, 'package-lock.json');
  const stamp = join(root, 'node_modules/.softset-installed');
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (installed(lock, stamp, wanted)) return;
  const startMs = performance.now();
  // Development packages always: the tests and the compiler are among them, whatever NODE_ENV says.
  const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  let how = 'npm ci';
  let { code, text } = await run('npm', ['ci', ...options], { cwd: root });
  if (code !== 0 && lacksOtherPlatformsOnly(text)) {
    how = 'npm install --no-save: the lock file does not know the builds of some packages for other platforms';
    ({ code, text } = await run('npm', ['install', '--no-save', ...options], { cwd: root }));
  }
  if (code !== 0) {
    say(text.trimEnd());
    say(`${how}: failed with code ${code} in ${root}`);
    process.exit(111);
  }
  writeFileSync(stamp, wanted);
  say(`installed the Node packages of package-lock.json (${how}; ${took(startMs)})`);
}

/**
 * Whether `npm ci` refused for nothing but optional builds that the registry had not got when the lock file was made:
 * such an entry has no version. `npm install --no-save` then takes the locked versions of all else, and changes no
 * file; a manifest that really disagrees with the lock file names versions, and stays refused.
 */
export function lacksOtherPlatformsOnly(text) {
  const complaints = text.split('\n').filter((line) => /^npm error (Missing|Invalid): /.test(line));
  return complaints.length > 0 && complaints.every((line) => /^npm error Missing: \S+[^@]@ from lock file$/.test(line));
}

/** By the lock file's content where we installed; by age where somebody ran npm by hand. */
function installed(lock, stamp, wanted) {
  const npmsOwn = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(npmsOwn)) return false;
  // A package that was added since has no link yet.
  const names = packages().map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name);
  if (!names.every((name) => existsSync(join(root, 'node_modules', name)))) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  return statSync(npmsOwn).mtimeMs >= statSync(lock).mtimeMs;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { unmet } = await setup(process.argv.length > 2 ? process.argv.slice(2) : ['runtime', 'lab', 'test']);
  process.exitCode = unmet.some((need) => !need.optional) ? 111 : 0;
}
