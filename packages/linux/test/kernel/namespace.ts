import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isWholeRoot } from '@softset/linux/whole-root.js';
import { expect } from 'chai';

const wanted = process.env.SOFTSET_LINUX_SCENARIO;
const reaches: readonly Reach[] = isWholeRoot() ? ['user', 'root'] : ['user'];

/** `user`: in a user namespace of its own, as anybody may make one. `root`: the machine's root, in network namespace alone. */
export type Reach = 'user' | 'root';

/**
 * One mocha test that runs in new network and mount namespaces. The file calls itself: mocha sees an `it` that starts
 * `unshare node FILE`, and that process, which knows its title from the environment, runs the body. Bodies therefore
 * may do as they like with devices, rules and addresses: all of it is gone when they end. When the tests run as root,
 * each body runs twice, as root and in a user namespace, unless `only` names one.
 */
export function inNamespace(file: string, title: string, body: (reach: Reach) => unknown, only?: Reach): void {
  if (only === 'root' && !reaches.includes('root')) {
    if (wanted === undefined) it.skip(`${title} (root): needs root of the machine`);
    return;
  }
  for (const reach of reaches) {
    if (only !== undefined && only !== reach) continue;
    const full = `${title} (${reach})`;
    if (wanted === full) void run(body, reach);
    if (wanted !== undefined) continue;
    it(full, function () {
      this.timeout(30_000);
      const child = spawnSync('unshare', [reach === 'user' ? '-Urnm' : '-nm', process.execPath, fileURLToPath(file)], {
        env: { ...process.env, SOFTSET_LINUX_SCENARIO: full },
        encoding: 'utf8',
        timeout: 25_000,
      });
      if (process.env.SOFTSET_LINUX_TALK !== undefined) process.stderr.write(child.stderr);
      expect(child.status, `${child.stderr}${child.stdout}${child.error ?? ''}`).to.equal(0);
      // A body that never ran would also end with 0.
      expect(child.stdout).to.contain('scenario done');
    });
  }
}

/** `describe` where mocha is there; in the process of one scenario, its contents alone. */
export function suite(title: string, contents: () => void): void {
  if (wanted === undefined) describe(title, contents);
  else contents();
}

async function run(body: (reach: Reach) => unknown, reach: Reach): Promise<void> {
  try {
    await body(reach);
    process.stdout.write('scenario done\n');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** `ip ARGUMENTS…`: the tests' other pair of eyes on what this package does in netlink. */
export function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Two ends of a wire in this namespace, both up. */
export function veth(a: string, b: string): void {
  ip(`link add ${a} type veth peer name ${b}`);
  ip(`link set ${a} up`);
  ip(`link set ${b} up`);
}

/** Asks again each 2 ms until there is an answer; undefined when there was none within two seconds. */
export async function within<T>(ask: () => T | undefined): Promise<T | undefined> {
  for (let tries = 0; tries < 1000; tries++) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise((wake) => setTimeout(wake, 2));
  }
  return undefined;
}

/** For measurements, which are printed with SOFTSET_LINUX_TALK=1 and never asserted. */
export function microsecondsEach(what: string, times: number, act: (i: number) => void): void {
  for (let i = 0; i < Math.min(times, 200); i++) act(i);
  const all: number[] = [];
  for (let i = 0; i < times; i++) {
    const from = process.hrtime.bigint();
    act(i);
    all.push(Number(process.hrtime.bigint() - from) / 1000);
  }
  all.sort((a, b) => a - b);
  const at = (part: number): string => (all[Math.floor((all.length - 1) * part)] ?? 0).toFixed(1);
  process.stderr.write(`${what}: p50 ${at(0.5)} us, p99 ${at(0.99)} us, worst ${at(1)} us\n`);
}
