import { spawn } from 'node:child_process';

/** The whole of the bare supervisor: Node's own spawn, again at each exit. Argument: the program. */
const [program = ''] = process.argv.slice(2);

function keep(): void {
  const child = spawn(program, { stdio: 'ignore', detached: true });
  child.on('exit', keep);
  process.removeAllListeners('SIGTERM');
  process.once('SIGTERM', () => {
    child.kill('SIGKILL');
    process.exit(0);
  });
}

keep();
