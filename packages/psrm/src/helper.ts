import { type Answer, answerOf } from './adapters/answer.js';
import type { Children } from './adapters/children.js';
import { environmentWith } from './adapters/spawn.js';

export interface HelperOptions {
  readonly children: Children;
  readonly command: readonly string[];
  readonly directory: string;
  /** The program that it is about. */
  readonly pid: number;
  /** File descriptor for what it writes. */
  readonly output: number;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Runs a program that says or saves something of another: a probe, a dump. `done` hears `answered` when it ended
 * with 0, else `missed`, and `unasked` when it could not be started for want of anything of ours. Returns what ends it, and whatever it started in its session.
 */
export function runHelper(options: HelperOptions, done: (answer: Answer) => void): () => void {
  const { children, command, directory, pid, output, variables } = options;
  const [file = ''] = command;
  const environment = environmentWith(variables, { SOFTSET_PID: String(pid) });
  let running = true;
  const started = children.start({ file, args: command, environment, directory, output }, (end) => {
    running = false;
    done(end.kind === 'exit' && end.code === 0 ? 'answered' : 'missed');
  });
  if (!started.ok) {
    running = false;
    // Later, as every other answer: who asks has nothing to end yet.
    setImmediate(() => done(answerOf(started)));
    return () => {};
  }
  return () => {
    if (!running) return;
    try {
      process.kill(-started.value, 'SIGKILL'); // Not reaped yet, so the number is still its own.
    } catch {
      // Its setsid(2) is done before its execve(2), so this is only a race with its end.
    }
  };
}
