import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '@softset/base';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { type Options, unknownProgram, withPsrm } from './command.js';
import { type LogLine, linesOf, stampsOf } from './log-lines.js';

/** How soon a line is shown that was just written. */
const lookMs = 100;
/** A program that writes faster than this is not followed line by line. */
const chunkBytes = 1_048_576;

/**
 * `softset psrm log PROGRAM`: the files that the program writes, read where they lie, so that it works while psrmd does
 * not. Fails UNKNOWN_PROGRAM, or with errno's name where it may not be read.
 */
export async function psrmLogCommand(
  program: string,
  options: Options & { readonly follow?: boolean; readonly lines: string },
): Promise<number> {
  const count = Number(options.lines);
  if (!Number.isSafeInteger(count) || count < 0)
    return refuse(fail('USAGE', `--lines ${options.lines}: must be a whole number`));
  return withLogs(program, options, async (folder) => {
    const path = join(folder, `${program}.log`);
    // From here on `follow` goes on: what is written meanwhile is shown once.
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const older = linesOf(bytesOf(`${path}.1`), stampsOf(textOf(join(folder, `${program}.times.1`))));
      const newer = linesOf(bytesOf(path).subarray(0, size), stampsOf(textOf(join(folder, `${program}.times`))));
      const last = count === 0 ? [] : [...older, ...newer].slice(-count);
      for (const line of last) show(line, options.json === true);
      if (options.follow === true) await follow(fd, size, options.json === true);
      return exitCodes.done;
    } finally {
      closeSync(fd);
    }
  });
}

/** The name is checked with psrmd where it answers, and by the file itself where it does not. */
async function withLogs(program: string, options: Options, work: (folder: string) => Promise<number>): Promise<number> {
  const perform = async (runDir: string): Promise<number> => {
    try {
      return await work(join(runDir, 'log'));
    } catch (error) {
      const { code = 'ESYSTEM', message } = error as NodeJS.ErrnoException;
      return refuse({ code, message });
    }
  };
  return withPsrm(options, async (client, target) => {
    const answer = await client.call('status', {});
    if (answer.ok && !answer.value.programs.some((one) => one.program === program))
      return refuse(unknownProgram(program, answer.value.programs));
    client.close();
    return perform(target.runDir);
  });
}

/** Until the process is ended. A log that was emptied is followed from its beginning. */
async function follow(fd: number, from: number, json: boolean): Promise<never> {
  let at = from;
  let rest = Buffer.alloc(0);
  const buffer = Buffer.alloc(chunkBytes);
  for (;;) {
    const { size } = fstatSync(fd);
    if (size < at) at = 0;
    const read = size > at ? readSync(fd, buffer, 0, Math.min(buffer.length, size - at), at) : 0;
    at += read;
    const bytes = Buffer.concat([rest, buffer.subarray(0, read)]);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    rest = Buffer.from(bytes.subarray(whole));
    const atMs = Date.now();
    for (const { text } of linesOf(bytes.subarray(0, whole), [])) show({ atMs, text }, json);
    if (read < buffer.length) await sleep(lookMs);
  }
}

function show({ atMs, text }: LogLine, json: boolean): void {
  if (json) print(JSON.stringify({ atMs: atMs ?? null, text }));
  else print(`${atMs === undefined ? '-'.padEnd(24) : new Date(atMs).toISOString()}  ${text}`);
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function textOf(path: string): string {
  return bytesOf(path).toString('latin1');
}
