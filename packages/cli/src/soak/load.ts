import { type ChildProcess, spawn } from 'node:child_process';

/** Programs that compute and never wait, at the priority that everybody has. They end with this process, or by `stop`. */
export class Load {
  readonly #children: ChildProcess[];

  constructor(loops: number, lifeMs: number) {
    // Each bounds itself, too: a killed soak must not leave a machine that computes for ever.
    const busy = `const end = Date.now() + ${lifeMs}; while (Date.now() < end && process.ppid === ${process.pid});`;
    this.#children = Array.from({ length: loops }, () => spawn(process.execPath, ['-e', busy], { stdio: 'ignore' }));
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
