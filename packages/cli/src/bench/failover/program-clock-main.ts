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

/** The pid that a start wrote. Waits in read(2): this thread has nothing else to do, and who started us bounds our time. */
function started(fd: number): number {
  const bytes = Buffer.alloc(64);
  return Number(bytes.toString('utf8', 0, readSync(fd, bytes)));
}

/** From the kill to the next start's first instruction, ms, and the new pid. */
function killed(pid: number, fd: number): { readonly tookMs: number; readonly pid: number } {
  const beganMs = nowMs();
  process.kill(pid, 'SIGKILL');
  const next = started(fd);
  return { tookMs: nowMs() - beganMs, pid: next };
}

async function measure(runDir: string, fifo: string): Promise<void> {
  const bareDir = join(runDir, 'bare');
  mkdirSync(bareDir, { recursive: true });
  const fds = { psrmd: openFifo(join(runDir, fifo)), bare: openFifo(join(bareDir, fifo)) };
  const keeper = spawn(process.execPath, [fileURLToPath(import.meta.url), 'keep', bareScript], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let bare = { tookMs: 0, pid: started(fds.bare) };
  let psrmd = { tookMs: 0, pid: Number(readFileSync(join(runDir, pidFile), 'utf8')) };
  const times: { psrmd: number[]; bare: number[] } = { psrmd: [], bare: [] };
  for (let run = 0; run < Number(runs); run++) {
    await sleep(gapMs);
    bare = killed(bare.pid, fds.bare);
    times.bare.push(bare.tookMs);
    await sleep(gapMs);
    psrmd = killed(psrmd.pid, fds.psrmd);
    times.psrmd.push(psrmd.tookMs);
  }
  keeper.disconnect();
  for (const fd of Object.values(fds)) closeSync(fd);
  process.stdout.write(JSON.stringify(times));
}
