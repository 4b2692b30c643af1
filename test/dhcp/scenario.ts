import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Chassis } from './chassis.js';

const wanted = process.env.SOFTSET_DHCP_SCENARIO;
/** Everything waits for conditions; this only bounds a test that fails. */
const LIMIT_MS = 90_000;

/**
 * One mocha test with network, mount and process namespaces of its own: the file calls itself, and that process, which
 * knows its title from the environment, runs the body. When it ends, the kernel ends all that was started in it.
 */
export function scenario(file: string, title: string, body: (chassis: Chassis) => Promise<void>, ports?: number): void {
  if (wanted === title) void run(body, ports);
  if (wanted !== undefined) return;
  it(title, async function () {
    this.timeout(LIMIT_MS + 5000);
    const prepare = 'mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/lib && ip link set lo up && exec "$@"';
    const own = process.getuid?.() === 0 ? ['-nmp'] : ['-Urnmp'];
    const args = [
      ...own,
      '--fork',
      '--kill-child=KILL',
      '--mount-proc',
      'sh',
      '-c',
      prepare,
      'sh',
      process.execPath,
      fileURLToPath(file),
    ];
    const child = spawn('unshare', args, {
      env: { ...process.env, SOFTSET_DHCP_SCENARIO: title },
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (process.env.SOFTSET_DHCP_TALK !== undefined) process.stderr.write(output);
    // A body that never ran would also end with 0.
    if (code !== 0 || !output.includes('scenario done')) throw new Error(`ended with ${code}\n${output}`);
  });
}

/** `describe` where mocha is there; in the process of one scenario, its contents alone. */
export function suite(title: string, contents: () => void): void {
  if (wanted === undefined) describe(title, contents);
  else contents();
}

async function run(body: (chassis: Chassis) => Promise<void>, ports?: number): Promise<void> {
  const chassis = new Chassis(ports);
  try {
    await body(chassis);
    if (process.env.SOFTSET_DHCP_TALK !== undefined) process.stderr.write(chassis.logs());
    process.stdout.write('scenario done\n');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n${chassis.logs()}\n`);
    process.exitCode = 1;
  } finally {
    await chassis.end();
    process.exit();
  }
}
