import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const wanted = process.env.SOFTSET_NETRACK_SCENARIO;

/** `describe` where mocha is there; in the process of one scenario, its contents alone. */
export function suite(title: string, contents: () => void): void {
  if (wanted === undefined) describe(title, contents);
  else contents();
}

/**
 * One mocha test whose body runs in network and mount namespaces of its own, as anybody may make them: the file starts
 * itself by `unshare`, and that process knows its title from the environment. All that it made is gone when it ends.
 */
export function inNamespace(file: string, title: string, body: () => Promise<void>): void {
  if (wanted === title) void run(body);
  if (wanted !== undefined) return;
  it(title, function () {
    this.timeout(30_000);
    const child = spawnSync('unshare', ['-Urnm', process.execPath, fileURLToPath(file)], {
      env: { ...process.env, SOFTSET_NETRACK_SCENARIO: title },
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(child.status, `${child.stderr}${child.stdout}${child.error ?? ''}`).to.equal(0);
    // A body that never ran would also end with 0.
    expect(child.stdout).to.contain('scenario done');
  });
}

async function run(body: () => Promise<void>): Promise<void> {
  try {
    await body();
    process.stdout.write('scenario done\n', () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () => process.exit(1));
  }
}

/** `ip ARGUMENTS…`, in this namespace or in that of a process. */
export function ip(command: string, pid?: number): string {
  const inside = pid === undefined ? [] : ['nsenter', '-t', `${pid}`, '-n'];
  const [program = 'ip', ...rest] = [...inside, 'ip', ...command.split(' ')];
  return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Asks each 5 ms until it is so; fails with what is shown when it was not within ten seconds. */
export async function until(what: string, ask: () => boolean, shown: () => unknown = () => ''): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (ask()) return;
    await new Promise((wake) => setTimeout(wake, 5));
  }
  throw new Error(`${what}: not within ten seconds: ${JSON.stringify(shown())}`);
}
