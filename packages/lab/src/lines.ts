import { createInterface } from 'node:readline';

/**
 * Calls `onLine` for each line of a stream, and `onEnd` when there are no more. The stream's errors are its owner's to
 * hear: readline repeats them as its own, and nobody listening there would end the process.
 */
export function eachLine(
  input: NodeJS.ReadableStream,
  onLine: (line: string) => void,
  onEnd: () => void = () => undefined,
): void {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('error', () => undefined);
  lines.on('line', onLine);
  lines.on('close', onEnd);
}
