import type { Failure } from '@softset/base';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** To people, beside what a program reads. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One sentence, and the exit code that belongs to it: 1 refused, 100 usage, 111 system. */
export function refuse({ code, message }: Pick<Failure, 'code' | 'message'>): number {
  say(`softset rules: ${message}`);
  if (code === 'USAGE') return 100;
  return /^E[A-Z0-9]+$/.test(code) || ['NOT_CONNECTED', 'CONNECTION_LOST', 'TIMEOUT'].includes(code) ? 111 : 1;
}
