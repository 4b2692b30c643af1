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
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, text } = await run('npm', args, { cwd: root });
  if (code !== 0) {
    say(text.trimEnd());
    say(`npm ${args.join(' ')}: failed with code ${code} in ${root}`);
    process.exit(111);
  }
  writeFileSync(stamp, wanted);
  say(`installed the Node packages of package-lock.json (npm ci, ${took(startMs)})`);
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
