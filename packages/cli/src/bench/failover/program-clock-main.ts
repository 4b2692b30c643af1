import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/*
 * On a board: kills the program that psrmd keeps, and one that a small process keeps by spawn and nothing else, in turn,
 * and prints how long each took to its successor's first instruction. Arguments: run directory, names of FIFO and pid
 * file in it, the bare program's script, number of runs. With `keep SCRIPT` it is that small process.
 */

const [first = '', second = '', pidFile = '', bareScript = '', runs = '0'] = process.argv.slice(2);
/** Between two kills, ms: everybody is asleep again. */
const gapMs = 250;
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

if (first === 'keep') keep(second);
else await measure(first, second);

/** The whole of the bare supervisor. */
function keep(script: string): void {
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
  child.on('exit', () => keep(script));
  process.once('disconnect', () => {
    child.kill('SIGKILL');
    process.exit(0);
  });
}

/** Opened for writing as well, or the reader would wait for a first writer, and see an end after each. */
function openFifo(path: string): number {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  return openSync(path, 'r+');
}

/** Waits in read(2): this thread has nothing else to do, and who started us bounds our time. */
function killed(dir: string, fd: number): number {
  const pid = Number(readFileSync(join(dir, pidFile), 'utf8'));
  const beganMs = nowMs();
  process.kill(pid, 'SIGKILL');
  readSync(fd, Buffer.alloc(64));
  return nowMs() - beganMs;
}

async function measure(runDir: string, fifo: string): Promise<void> {
  const bareDir = join(runDir, 'bare');
  mkdirSync(bareDir, { recursive: true });
  const fds = { psrmd: openFifo(join(runDir, fifo)), bare: openFifo(join(bareDir, fifo)) };
  const keeper = spawn(process.execPath, [fileURLToPath(import.meta.url), 'keep', bareScript], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  readSync(fds.bare, Buffer.alloc(64));
  const times: { psrmd: number[]; bare: number[] } = { psrmd: [], bare: [] };
  for (let run = 0; run < Number(runs); run++) {
    await sleep(gapMs);
    times.bare.push(killed(bareDir, fds.bare));
    await sleep(gapMs);
    times.psrmd.push(killed(runDir, fds.psrmd));
  }
  keeper.disconnect();
  for (const fd of Object.values(fds)) closeSync(fd);
  process.stdout.write(JSON.stringify(times));
}
