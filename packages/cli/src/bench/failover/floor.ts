import { PipedProcess } from '@softset/lab/pipe-lines.js';
import { echoPort, publicAddress } from '../../demo/programs.js';
import { helper, notBuilt } from './helpers.js';
import { otherBoard, type PeerLab, pool } from './peer-lab.js';
import { fromOutage, type Taken } from './taken.js';

const watchMs = 300;

/** A move that nothing had to detect: the address off one board, onto the other, and announced, by one process. */
export async function floorRun({ lab }: PeerLab): Promise<Taken> {
  const program = helper('floor-mover');
  if (program === undefined) return { unable: notBuilt };
  const { boards } = await lab.status();
  const pids = pool.map((name) => boards.find((board) => board.name === name)?.pid);
  if (pids.some((pid) => pid === null || pid === undefined)) return { unable: 'a board is down' };
  const setting = { address: publicAddress, pids };
  const mover = await PipedProcess.start(
    await lab.command('lab', [process.execPath, program, JSON.stringify(setting)]),
  );
  const prober = await lab.prober({ address: publicAddress, port: echoPort });
  try {
    await mover.ask('move', { from: 1, to: 0 });
    if (!(await prober.answered(prober.mark(), 3_000, pool[0]))) return { unable: 'nothing answered before the move' };
    const { atMs } = await mover.ask<{ atMs: number }>('move', { from: 0, to: 1 });
    const outage = await prober.outage(atMs, watchMs);
    const moved = await prober.answered(atMs, 1_000, otherBoard(pool[0]));
    return moved ? fromOutage(outage) : { unable: 'the other board did not answer' };
  } finally {
    await mover.ask('drop', {});
    await Promise.all([mover.stop(), prober.stop()]);
  }
}
