import { type ChildProcess, spawn } from 'node:child_process';
import { fail, type Result } from '@softset/base';
import { LabError, orThrow } from './lab-error.js';
import { eachLine } from './lines.js';

/**
 * A helper process of a test, asked over its standard input and answering over its standard output, one JSON object per
 * line, in order. It ends when its input does, so it never outlives who started it.
 */
export class PipedProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Result<unknown>) => void)[] = [];
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('error', (cause) => this.#lost(cause.message));
    child.on('exit', (code, signal) => this.#lost(`ended: ${signal ?? code}`));
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#said = `${this.#said}${bytes.toString()}`.slice(-2_000);
    });
    child.stdin?.on('error', () => undefined); // Told by 'exit'.
    if (child.stdout) {
      eachLine(child.stdout, (line) => {
        this.#waiting.shift()?.(JSON.parse(line) as Result<unknown>);
      });
    }
  }

  /** Resolves when the helper says that it works. Errors: `LAB_HELPER_FAILED`, or what the helper says. */
  static async start(command: readonly [string, ...string[]]): Promise<PipedProcess> {
    const [program, ...args] = command;
    const helper = new PipedProcess(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
    await helper.#next();
    return helper;
  }

  #lost(how: string): void {
    const failure = fail('LAB_HELPER_FAILED', `${how} ${this.#said}`.trim());
    for (const done of this.#waiting.splice(0)) done(failure);
  }

  #next<T>(): Promise<T> {
    return new Promise<Result<unknown>>((resolve) => this.#waiting.push(resolve)).then((r) => orThrow(r) as T);
  }

  ask<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return Promise.reject(new LabError(fail('LAB_HELPER_FAILED', `it has ended. ${this.#said}`)));
    }
    this.#child.stdin?.write(`${JSON.stringify({ method, params })}\n`);
    return this.#next();
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.stdin?.end();
    await gone;
  }
}

/** The helper's side: says that it works, then answers line by line until its input ends. */
export function answerLines(ready: Result<unknown>, handler: (method: string, params: never) => Result<unknown>): void {
  const say = (answer: Result<unknown>): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  say(ready);
  const hear = (line: string): void => {
    const { method, params } = JSON.parse(line) as { method: string; params: never };
    say(handler(method, params));
  };
  eachLine(process.stdin, hear, () => process.exit(0));
}
