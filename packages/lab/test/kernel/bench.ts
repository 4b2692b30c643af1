import { setTimeout as sleep } from 'node:timers/promises';
import { unwrap } from '@softset/base';
import { type DaemonSpec, Lab, parseTopology, type Topology } from '@softset/lab';

/** Deadlines only end tests that would otherwise hang; a crowded machine may need more: SOFTSET_PATIENCE=3. */
export const patience = Number(process.env.SOFTSET_PATIENCE ?? 1);

export const echoProgram = new URL('../../bin/softset-echo.js', import.meta.url).pathname;
/** A public address, on whichever board a test puts it. */
export const service = '192.168.1.5';

const text = `
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  one: { A: 10.1.1.1/16, B: 20.1.1.1/16, routes: [{ to: default, via: 10.1.1.254 }] }
  two: { A: 10.1.1.2/16, B: 20.1.1.2/16, routes: [{ to: default, via: 10.1.1.254 }] }
  three: { A: 10.1.1.3/16, B: 20.1.1.3/16 }
  router:
    A: 10.1.1.254/16
    B: 20.1.1.254/16
    outside: 203.0.113.1/24
    forward: true
    routes: [{ to: 192.168.1.0/24, device: a0, metric: 200 }, { to: 192.168.1.0/24, device: b0, metric: 300 }]
`;

export function smallChassis(daemons: readonly DaemonSpec[] = []): Topology {
  return unwrap(parseTopology(text, 'small', daemons));
}

/** A lab with a name of its own, so that runs side by side do not meet. */
export function smallLab(what: string, daemons: readonly DaemonSpec[] = []): Promise<Lab> {
  const name = `lab-${what}-${process.pid}`;
  return Lab.up({ topology: smallChassis(daemons), name, lifeMs: 10 * 60_000 });
}

/** Whether one board's ping reaches an address of another by a device. It asks afresh: a neighbour that was asked for in
 * vain before is asked for again only once a second. */
export async function reaches(lab: Lab, board: string, device: string, ip: string): Promise<boolean> {
  const command = `ip neighbour flush dev ${device}; exec ping -n -q -c 1 -W 0.3 -I ${device} ${ip}`;
  return (await lab.exec(board, ['sh', '-c', command])).exitCode === 0;
}

/** Whether a device of a board has a carrier. */
export async function carrier(lab: Lab, board: string, device: string): Promise<boolean> {
  const { stdout } = await lab.exec(board, ['ip', '-o', 'link', 'show', device]);
  if (stdout === '') throw new Error(`${board} has no ${device}`);
  return stdout.includes('LOWER_UP');
}

/** Waits for something to come true; false when the time is over. */
export async function until(what: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<boolean> {
  const deadline = performance.now() + timeoutMs * patience;
  while (performance.now() < deadline) {
    if (await what()) return true;
    await sleep(10);
  }
  return false;
}

/** A daemon that sleeps, as a program's stand-in. */
export const sleeper = (name: string): DaemonSpec => ({ name, command: ['sleep', '100000'] });
export const echoDaemon: DaemonSpec = { name: 'echo', command: ['{node}', echoProgram, '--port', '7007'] };

export async function putService(lab: Lab, board: string, device = 'a0'): Promise<void> {
  await lab.exec(board, ['ip', 'address', 'add', `${service}/32`, 'dev', device]);
}
