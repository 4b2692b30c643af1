import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const wanted = process.env.SOFTSET_REDIRECT_SCENARIO;

/**
 * One mocha test in new user, network and mount namespaces: the file starts itself there, and that process, which
 * knows its title from the environment, runs the body. Whatever it makes is gone when it ends.
 */
export function inNamespace(file: string, title: string, body: () => Promise<void>): void {
  if (wanted === title) void run(body);
  if (wanted !== undefined) return;
  it(title, function () {
    this.timeout(30_000);
    const child = spawnSync('unshare', ['-Urnm', process.execPath, fileURLToPath(file)], {
      env: { ...process.env, SOFTSET_REDIRECT_SCENARIO: title },
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(child.status, `${child.stderr}${child.stdout}${child.error ?? ''}`).to.equal(0);
    // A body that never ran would also end with 0.
    expect(child.stdout).to.contain('scenario done');
  });
}

/** `describe` where mocha is there; in the process of one scenario, its contents alone. */
export function suite(title: string, contents: () => void): void {
  if (wanted === undefined) describe(title, contents);
  else contents();
}

async function run(body: () => Promise<void>): Promise<void> {
  try {
    await body();
    process.stdout.write('scenario done\n');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}

export function ip(command: string): void {
  execFileSync('ip', command.split(' '), { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The other ends of a0 and b0, in a namespace of their own: another machine, with a kernel that answers. */
export class Peer {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Its devices have the MACs 02:00:00:00:01:0a and 02:00:00:00:01:0b; ours 02:00:00:00:02:0a and …0b. */
  static async make(): Promise<Peer> {
    const child = spawn('unshare', ['-n', 'sleep', '30'], { stdio: 'ignore' });
    const peer = new Peer(child);
    // unshare changes its namespace before it becomes sleep: until then the pid is still of ours.
    const own = execFileSync('readlink', ['/proc/self/ns/net']).toString();
    await within(() => execFileSync('readlink', [`/proc/${child.pid}/ns/net`]).toString() !== own || undefined);
    for (const network of ['a', 'b']) {
      ip(`link add ${network}0 address 02:00:00:00:02:0${network} type veth peer name p${network} netns ${child.pid}`);
      ip(`link set ${network}0 up`);
      peer.ip(`link set p${network} address 02:00:00:00:01:0${network} up`);
    }
    return peer;
  }

  ip(command: string): void {
    const args = ['-t', String(this.#process.pid), '-n', 'ip', ...command.split(' ')];
    execFileSync('nsenter', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Frames that its device `pa` or `pb` receives for as long as `act` takes and 200 ms more, as hexadecimal text. */
  async sees(device: string, act: () => void): Promise<readonly string[]> {
    const script = fileURLToPath(new URL('./listen.js', import.meta.url));
    const child = spawn('nsenter', ['-t', String(this.#process.pid), '-n', process.execPath, script, device], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await within(() => text.startsWith('listening') || undefined);
    act();
    await new Promise((wake) => setTimeout(wake, 200));
    child.stdin.end();
    await new Promise((done) => child.once('close', done));
    return text
      .split('\n')
      .slice(1)
      .filter((line) => line !== '');
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}

/** Asks again each 5 ms until there is an answer; throws when there was none within five seconds. */
export async function within<T>(ask: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 1000; tries++) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise((wake) => setTimeout(wake, 5));
  }
  throw new Error('no answer within five seconds');
}
