import type { Lab } from '@softset/lab';
import { echoProgram } from './places.js';

/** Where nothing else of the lab listens. */
const port = 7_999;

/** Runs on a board: starts the echo three times, and prints how long each took until it answered, ms. */
const script = `
const { spawn } = require('node:child_process');
const { createSocket } = require('node:dgram');
const once = () => new Promise((resolve) => {
  const began = performance.now();
  const child = spawn(process.execPath, [process.argv[1], '--port', '${port}', '--bind', '127.0.0.1'], { stdio: 'ignore' });
  const socket = createSocket('udp4');
  const ask = setInterval(() => socket.send('?', ${port}, '127.0.0.1'), 1);
  socket.on('error', () => {});
  socket.once('message', () => {
    clearInterval(ask);
    socket.close();
    const took = performance.now() - began;
    child.once('exit', () => resolve(took));
    child.kill('SIGKILL');
  });
});
(async () => console.log(JSON.stringify([await once(), await once(), await once()])))();
`;

/** Median of three bare starts, ms: what a restart in place cannot be faster than. */
export async function measureStart(lab: Lab, board: string): Promise<number> {
  const { stdout } = await lab.exec(board, [process.execPath, '-e', script, echoProgram], { timeoutMs: 15_000 });
  const took = (JSON.parse(stdout || '[]') as number[]).sort((a, b) => a - b);
  return Math.round(took[Math.floor(took.length / 2)] ?? 0);
}
