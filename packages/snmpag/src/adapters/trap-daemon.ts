import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '@softset/runtime';
import { TRAP_LINES } from '../core/traps/trap-line.js';

export interface TrapDaemonParts {
  /** What snmptrapd's `-c` wants. */
  readonly conf: string;
  readonly listen: readonly string[];
  readonly log: Logger;
  readonly onLine: (line: string) => void;
}

/** A notification of a full UDP datagram, in hexadecimal. */
const LINE_MAX = 256 * 1024;
const FIRST_PAUSE_MS = 100;
const PAUSE_MAX_MS = 10_000;
/** One that ran so long is started again at once. */
const WELL_MS = 10_000;

/**
 * Debian's snmptrapd as a child: it has what must not be home-made, and tells each notification in a line. It ends with
 * this process, even where that is killed (prctl(2), PR_SET_PDEATHSIG): an orphan would keep the port. What it cannot do,
 * such as bind its port, it says, and is tried again, ever slower, up to once in ten seconds.
 */
export class TrapDaemon {
  readonly #parts: TrapDaemonParts;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #said = '';
  #closed = false;

  constructor(parts: TrapDaemonParts) {
    this.#parts = parts;
    this.#start();
  }

  /** It has said who it is, which it does once it listens. */
  get listening(): boolean {
    return this.#child !== undefined && this.#said.startsWith('NET-SNMP version');
  }

  #start(): void {
    const { conf, listen, log } = this.#parts;
    const words = ['snmptrapd', '-f', '-Lo', '-C', '-c', conf, '-m', '', '-M', '', TRAP_LINES.options, ...listen];
    const startedMs = performance.now();
    this.#said = '';
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MIBS: '' },
    });
    this.#child = child;
    this.#read(child.stdout, (line) => this.#parts.onLine(line));
    this.#read(child.stderr, () => {});
    let over = false;
    const ended = (why: string): void => {
      if (over) return;
      over = true;
      this.#child = undefined;
      if (this.#closed) return;
      if (performance.now() - startedMs >= WELL_MS) this.#pauseMs = FIRST_PAUSE_MS;
      log.warn('snmptrapd-ended', { why, said: this.#said, againMs: this.#pauseMs });
      this.#timer = setTimeout(() => this.#start(), this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS);
    };
    child.once('error', (error) => ended(error.message));
    child.once('close', (code, signal) => ended(signal ?? `exit ${code}`));
  }

  /** Whole lines; what is longer than any that there can be is dropped to its end. */
  #read(stream: NodeJS.ReadableStream | null, onNotice: (line: string) => void): void {
    let rest = '';
    let tooLong = false;
    stream?.setEncoding('latin1');
    stream?.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (tooLong) tooLong = false;
        else if (/^V[12]\t/.test(line)) onNotice(line);
        else if (line !== '') this.#said = line.slice(0, 300);
      }
      if (rest.length > LINE_MAX) {
        tooLong = true;
        rest = '';
      }
    });
  }

  /** Its configuration is another: it is started anew. */
  again(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#child?.kill('SIGTERM');
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#child?.kill('SIGTERM');
  }
}
