import type { Failure } from '@softset/base';
import { exitCodes } from './exit-codes.js';

/** Nobody answers, or nothing can be read: the system is in the way, and not an answer that we did not like. */
const systemCodes = new Set(['NOT_CONNECTED', 'CONNECTION_LOST', 'TIMEOUT', 'LAB_UP_FAILED', 'LAB_BOOT_FAILED']);

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One sentence on standard error, and the exit code that belongs to it. */
export function refuse(failure: Pick<Failure, 'code' | 'message'>, advice?: string): number {
  const sentence = failure.message.replace(/[.\s]+$/, '');
  process.stderr.write(`softset: ${sentence}${advice === undefined ? '' : `; ${advice}`}\n`);
  if (failure.code === 'USAGE') return exitCodes.usage;
  return systemCodes.has(failure.code) || /^E[A-Z0-9]+$/.test(failure.code) ? exitCodes.system : exitCodes.refused;
}

/** What was thrown: a lab's error carries a code, everything else is the system's. */
export function refuseError(error: unknown): number {
  const { code = 'ESYSTEM', message } =
    error instanceof Error ? (error as Error & { code?: string }) : { message: String(error) };
  return refuse({ code, message: message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message });
}
