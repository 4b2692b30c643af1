import { type ChildProcess, spawn } from 'node:child_process';

/** The whole of the bare supervisor: Node's own spawn, again at each exit. Arguments: the program, and how many of it. */
const [program = '', count = '1'] = process.argv.slice(2);
const children = new Set<ChildProcess>();

function keep(): void {
  const child = spawn(program, { stdio: 'ignore', detached: true });
  children.add(child);
  child.on('exit', () => {
    children.delete(child);
    keep();
  });
}

process.once('SIGTERM', () => {
  for (const child of children) child.kill('SIGKILL');
  process.exit(0);
});
for (let i = 0; i < Number(count); i++) keep();
