import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { findUser } from '@softset/linux/accounts.js';
import { lockFile } from '@softset/linux/file-lock.js';
import { setRoundRobin } from '@softset/linux/scheduling.js';
import { openNotifyServer } from '@softset/linux/unix-dgram.js';
import { nowMs } from '../now-ms.js';
import { boardDaemon } from './board-daemon.js';
import { initOptions } from './options.js';
import { RotatingLog } from './rotating-log.js';
import { Signs } from './signs.js';
import { INIT_PRIORITY, Supervised } from './supervised.js';
import { commandOf, readEnvironment, readUnit, type Unit } from './unit-file.js';

/*
 * `softset-init`: what softset.target is to systemd, for a board without it. It reads the same units, so that there is one
 * place that says what runs, as whom and with which rights; what it cannot do is said in the handbook. Ends by SIGTERM,
 * services first; SIGHUP goes to the daemons.
 */

/** Where the cluster file is looked for, and daemons are looked after, ms. */
const lookMs = 100;
/** One that is not ready by then does not hold up the next. */
const readyMs = 5_000;
const handover = 'softset-handover';
/** As long as the unit has, where nobody takes the services. */
const leaveMs = 30_000;
const exitSystem = 111;

const given = initOptions(process.argv.slice(2));
const say = (text: string): void => void process.stderr.write(`softset-init: ${text}\n`);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function unitOf(name: string): Unit {
  return readUnit(readFileSync(join(given.units, `${name}.service`), 'utf8'));
}

function environment(): Record<string, string> {
  const defaults = existsSync(given.defaults) ? readEnvironment(readFileSync(given.defaults, 'utf8')) : {};
  return { BOARD: hostname().split('.', 1)[0] ?? '', ...defaults };
}

/** What tmpfiles.d(5) does elsewhere; and as the units have it, memory that runs short takes others first. */
function prepare(): void {
  const user = findUser('softset');
  if (user === undefined) throw new Error('there is no user softset: is the package installed?');
  if (!existsSync(given['run-dir'])) {
    mkdirSync(given['run-dir'], { mode: 0o750 });
    chownSync(given['run-dir'], user.uid, user.gid ?? user.uid);
  }
  process.umask(0o027);
  try {
    writeFileSync('/proc/self/oom_score_adj', '-900');
  } catch (error) {
    // CAP_SYS_RESOURCE, which root of a container may lack.
    say(`memory that runs short may take the daemons: ${(error as Error).message}`);
  }
  // A pulse that died must not wait until somebody else's loop gives the processor back.
  setRoundRobin(INIT_PRIORITY);
}

/** One of the hand-over unit's commands; it has its own limits, and its failure is not ours. */
function handOver(key: 'ExecStart' | 'ExecStop', env: NodeJS.ProcessEnv, board: Readonly<Record<string, string>>) {
  const [program = '', ...words] = commandOf(unitOf(handover), board, { key, guarded: true });
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => say(text.trimEnd()));
  child.on('error', (error) => say(error.message));
  const done = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return { done, end: () => void child.kill('SIGKILL') };
}

async function main(): Promise<void> {
  let ending = false;
  let wake = (): void => {};
  const ended = new Promise<void>((done) => {
    wake = done;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      ending = true;
      wake();
    });
  process.on('SIGHUP', () => {});
  if (!existsSync(given.cluster)) say(`waits for ${given.cluster}`);
  while (!existsSync(given.cluster) && !ending) await pause(lookMs);
  if (ending) return;

  prepare();
  const lock = lockFile(join(given['run-dir'], 'init.lock'));
  if (!lock.ok) throw new Error(lock.message);
  const env = environment();
  const specs = given.names.map((name) => boardDaemon(name, unitOf(name), env));
  const signs = new Signs(specs);
  const socket = join(given['run-dir'], 'init.notify');
  const opened = openNotifyServer(socket, 0o666);
  if (!opened.ok) throw new Error(opened.message);
  const sink = (name: string): ((bytes: Uint8Array) => void) => {
    const folder = given['log-dir'];
    if (folder === undefined) return (bytes) => void process.stderr.write(bytes);
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    const log = new RotatingLog(join(folder, `${name}.log`));
    return (bytes) => log.write(bytes);
  };
  const all = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env };
  const daemons = specs.map((spec) => {
    const { watchdogMs } = spec;
    const watchdog = watchdogMs === undefined ? {} : { WATCHDOG_USEC: String(watchdogMs * 1000) };
    return new Supervised(spec, { ...all, NOTIFY_SOCKET: socket, ...watchdog }, sink(spec.name));
  });
  const pids = (): Map<string, number> =>
    new Map(daemons.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const])));
  const look = (): void => {
    for (let message = opened.value.receive(); message !== undefined; message = opened.value.receive())
      signs.heard(message.pid, message.text, pids(), nowMs());
    for (const name of signs.overdue(pids(), nowMs())) {
      say(`${name} hangs: no sign of life; it is killed`);
      daemons.find((daemon) => daemon.name === name)?.kill('SIGKILL');
    }
  };
  const timer = setInterval(look, lookMs);
  process.on('SIGHUP', () => {
    for (const daemon of daemons) daemon.kill('SIGHUP');
  });

  for (const daemon of daemons) {
    if (ending) break;
    daemon.start();
    for (let waitedMs = 0; waitedMs < readyMs && !ending && !signs.ready(daemon.name, daemon.pid); waitedMs += lookMs)
      await pause(lookMs);
  }
  const back = ending ? undefined : handOver('ExecStart', all, env);
  await ended;
  back?.end();
  const leaving = handOver('ExecStop', all, env);
  const late = setTimeout(leaving.end, leaveMs);
  await leaving.done;
  clearTimeout(late);
  for (const daemon of [...daemons].reverse()) await daemon.stop();
  clearInterval(timer);
  opened.value.close();
  lock.value.release();
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    say(error.message);
    process.exit(exitSystem);
  },
);
