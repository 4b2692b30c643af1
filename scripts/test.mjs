import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { check, needsKernel } from './check.mjs';
import { runMocha, testFiles } from './mocha.mjs';
import { packages, root } from './places.mjs';
import { run } from './run.mjs';
import { seedOfCommit, simulateFor } from './seeds.mjs';
import { setup } from './setup.mjs';
import { conclude, empty, sum } from './tally.mjs';

/*
 * All tests: the check, and what needs a kernel to play with, in groups: one per package, the simulator for a while, then
 * one group per folder of test/ (end to end, faults, …). The last line is the count. `npm test -- linux e2e
 * simulator` runs the check and these groups; Debian roots, npm packs and small chassis run only where they are named.
 */

/** Bounds one group, and all of them together, in ms: even where one hangs, the count is printed within CI's 20 minutes. */
const GROUP_LIMIT_MS = 600_000;
/** Of those that run beside all others: they wait for the others' processors, too. */
const WAITING_LIMIT_MS = 840_000;
const TOTAL_LIMIT_MS = 1_140_000;
/** Of one that runs only where it is named, and so much more for all together: Debian roots are made, and boards boot. */
const NAMED_LIMIT_MS = 1_500_000;

/** Real processes on a machine that others use: it may stand still for a second, which spoils a test once and not twice. */
const RETRIES = 1;

/** Folders of test/ that are not tests of this kind: `house` belongs to the check, benchmarks are not tests. */
const NOT_HERE = ['house', 'bench'];

/** How long seeds are simulated: where people wait, and where CI does. */
const SIMULATOR_S = process.env.CI === 'true' ? 120 : 20;

/** Clients that wait for one another run beside all but the last groups, and are printed when they end. */
const WAITS = ['dhcp'];
/** A quarter of an hour more, for which CI has no time: only where they are named. What was left out is said. */
const NAMED_ONLY = ['roots', 'packs', 'small'];
/** What asks the registry for something, and nothing of the kernel: not in a namespace, which has no network. */
const OUTSIDE = ['package', 'packs'];
/** Of the packages' own groups, the one that takes as long as all others: it runs beside them. */
const LONGEST = 'psrm';

/**
 * A PID namespace for groups that bring whole chassis up: however one ends, nothing of it runs beside the next. The shell
 * stays, since the first process of such a namespace has to reap what others left.
 */
const ALONE = ['unshare', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', 'sh', '-c', '"$@"; exit $?', 'sh'];

const wanted = process.argv.slice(2);
// Lintian is large, and wanted by one test: only where that is named.
const { env } = await setup(['test', ...(wanted.includes('package') ? ['lintian'] : [])]);
const totalLimitMs = TOTAL_LIMIT_MS + (wanted.some((name) => NAMED_ONLY.includes(name)) ? NAMED_LIMIT_MS : 0);
const wrap = await namespaceOfOurOwn();
const tallies = [];
let waiting = Promise.resolve();
const checked = await check(env, () => {
  waiting = runGroups(
    groups().filter(({ name }) => WAITS.includes(name)),
    { hold: true },
  );
});
tallies.push(checked);
// Real processes wait most of their time: what computes fills the gaps, on one processor.
await Promise.all([
  runGroups(groups().filter(({ name, whole }) => !whole && name !== LONGEST)),
  runGroups(
    groups().filter(({ name }) => name === LONGEST),
    { hold: true },
  ),
  simulator(),
  waiting,
]);
await runGroups(groups().filter(({ name, whole }) => whole && !WAITS.includes(name)));
await onceMore();
if (wanted.length === 0) process.stdout.write(`\nnot run, since not named: npm test -- ${NAMED_ONLY.join(' ')}\n`);
process.exitCode = conclude(sum(tallies));

/**
 * What failed is run once more when nothing else runs: beside two groups on two processors a daemon may be seconds late,
 * which is no fault of its own. Each is named, so that one that needs it too often is looked at.
 */
async function onceMore() {
  for (const [i, tally] of tallies.entries()) {
    if (tally.failures.length === 0 || tally.again === undefined) continue;
    process.stdout.write(`\nonce more, alone: ${tally.failures.join('; ')}\n`);
    tallies[i] = await tally.again({ limitMs: Math.max(1, totalLimitMs - performance.now()) });
  }
}

async function simulator() {
  if (wanted.length > 0 && !wanted.includes('simulator')) return;
  tallies.push(await simulateFor(SIMULATOR_S, await seedOfCommit(), env));
}

function groups() {
  const kernel = packages().map((folder) => ({
    name: basename(folder),
    whole: false,
    files: testFiles(join(folder, 'dist-test')).filter(needsKernel),
  }));
  const folder = join(root, 'dist-test');
  const whole = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !NOT_HERE.includes(entry.name))
        .map(({ name }) => ({ name, whole: true, files: testFiles(join(folder, name)) }))
    : [];
  const named = ({ name }) => (wanted.length === 0 ? !NAMED_ONLY.includes(name) : wanted.includes(name));
  return [...kernel, ...whole].filter(({ files }) => files.length > 0).filter(named);
}

async function runGroups(list, { hold = false } = {}) {
  for (const { name, whole, files } of list) {
    if (wrap === undefined) {
      const skipped = [`${name} (${files.length} files): needs root or user namespaces`];
      tallies.push({ ...empty, skipped });
      continue;
    }
    if (!hold) process.stdout.write(`\n${name}\n`);
    const usualMs = WAITS.includes(name) ? WAITING_LIMIT_MS : GROUP_LIMIT_MS;
    const groupMs = NAMED_ONLY.includes(name) ? NAMED_LIMIT_MS : usualMs;
    const limitMs = Math.max(1, Math.min(groupMs, totalLimitMs - performance.now()));
    const own = process.getuid() === 0 ? env : { ...env, XDG_RUNTIME_DIR: undefined };
    const inside = process.getuid() === 0 || !OUTSIDE.includes(name) ? [...wrap, ...(whole ? ALONE : [])] : [];
    const how = { human: 'spec', hold, limitMs, retries: RETRIES, env: own, wrap: inside };
    tallies.push(await runMocha({ root, name, files, ...how }));
  }
}

/**
 * What to put before a command so that it may make namespaces and addresses: nothing for root; for others a user
 * namespace in which they are root, with loopback up and a /run that they may write. Undefined where the machine
 * forbids it (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns).
 */
async function namespaceOfOurOwn() {
  if (process.getuid() === 0) return [];
  const prepare = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"';
  const wrap = ['unshare', '-Urnm', '--map-root-user', 'sh', '-c', prepare, 'sh'];
  const { code } = await run(wrap[0], [...wrap.slice(1), 'true'], { env });
  return code === 0 ? wrap : undefined;
}
