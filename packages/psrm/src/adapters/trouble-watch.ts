import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Program } from '@softset/protocol';
import type { Level } from '../core/events.js';
import { type Belief, believe, initialBelief, type Judgement, judge, type Measured, matched } from '../core/strain.js';
import { readUse } from './process-table.js';

type Trouble = NonNullable<Program['trouble']>;

/** So much of a log is read at once: a program that writes more has its last lines looked at, not all. */
const logBytesMax = 65_536;
const lineMax = 1024;

/** Measures one program, and says when what is believed of it changes (002 ¶0029, failure 3). */
export class TroubleWatch {
  readonly #trouble: Trouble;
  readonly #logPath: string;
  #belief: Belief = initialBelief;
  #told: Level = 'none';
  #cpu: { readonly atMs: number; readonly cpuMs: number } | undefined;
  #logAt: number;
  #logLine: { readonly level: Level; readonly line: string; readonly untilMs: number } | undefined;

  /** `logFrom`: how long the log was when this life began, in bytes. */
  constructor(trouble: Trouble, logPath: string, logFrom: number) {
    this.#trouble = trouble;
    this.#logPath = logPath;
    this.#logAt = logFrom;
  }

  /** Measures now. A judgement when it is another than the last, or says that something must be done, else undefined. */
  look(
    pids: readonly number[],
    said: { readonly status: string | undefined; readonly probeMs: number | undefined },
    nowMs: number,
  ): Judgement | undefined {
    const measured: Measured = {
      ...this.#use(pids, nowMs),
      ...(said.status === undefined ? {} : { status: said.status }),
      ...(said.probeMs === undefined ? {} : { probeMs: said.probeMs }),
      ...this.#log(nowMs),
    };
    const judgement = judge(measured, this.#trouble);
    this.#belief = believe(this.#belief, judgement.level, this.#trouble.times);
    if (this.#belief.believed !== judgement.level || this.#told === judgement.level) return undefined;
    this.#told = judgement.level;
    return judgement;
  }

  #use(pids: readonly number[], nowMs: number): Measured {
    const uses = pids.map(readUse).filter((use) => use !== undefined);
    if (uses.length === 0) return {};
    const sum = (of: (use: (typeof uses)[number]) => number): number => uses.reduce((all, use) => all + of(use), 0);
    const cpuMs = sum((use) => use.cpuMs);
    const before = this.#cpu;
    this.#cpu = { atMs: nowMs, cpuMs };
    const passedMs = before ? nowMs - before.atMs : 0;
    return {
      memoryBytes: sum((use) => use.memoryBytes),
      threads: sum((use) => use.threads),
      ...(uses.every((use) => use.files !== undefined) ? { files: sum((use) => use.files ?? 0) } : {}),
      // Less than before: one of several processes ended and took its time with it.
      ...(before && passedMs > 0 ? { cpuPercent: Math.max(0, (100 * (cpuMs - before.cpuMs)) / passedMs) } : {}),
    };
  }

  #log(nowMs: number): Measured {
    const patterns = this.#trouble.log;
    if (patterns === undefined) return {};
    for (const line of this.#newLines()) {
      const level = matched(line, patterns);
      if (level !== 'none') this.#logLine = { level, line, untilMs: nowMs + this.#trouble.logHoldMs };
    }
    return this.#logLine && nowMs < this.#logLine.untilMs ? { logLine: this.#logLine } : {};
  }

  #newLines(): readonly string[] {
    let fd: number;
    try {
      fd = openSync(this.#logPath, 'r');
    } catch {
      return [];
    }
    try {
      const { size } = fstatSync(fd);
      // Emptied when it grew too large: then all of it is new.
      const from = Math.max(this.#logAt <= size ? this.#logAt : 0, size - logBytesMax);
      const buffer = Buffer.alloc(size - from);
      const bytes = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from));
      const end = bytes.lastIndexOf(0x0a) + 1;
      // A line that is not whole yet waits for its end, unless there is no room for more.
      this.#logAt = from + (end === 0 && bytes.length >= logBytesMax ? bytes.length : end);
      const lines = bytes.toString('utf8', 0, end).split('\n');
      return lines.filter(Boolean).map((line) => line.slice(0, lineMax));
    } catch {
      return [];
    } finally {
      closeSync(fd);
    }
  }
}
