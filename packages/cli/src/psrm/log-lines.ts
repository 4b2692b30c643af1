/** The log had grown to `size` bytes by `atMs` (wall time): what stands before that was written by then. */
export interface Stamp {
  readonly atMs: number;
  readonly size: number;
}

export interface LogLine {
  /** By when it was written; absent where psrmd has not looked yet. */
  readonly atMs?: number;
  readonly text: string;
}

/** `WALL_MS SIZE` a line, as psrmd writes them. A line that was cut by a full disk is passed over. */
export function stampsOf(text: string): readonly Stamp[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(\d{1,16}) (\d{1,16})$/.exec(line);
    return found ? [{ atMs: Number(found[1]), size: Number(found[2]) }] : [];
  });
}

/**
 * The lines of a log, each with the first stamp that lies behind its beginning. Offsets are of bytes, so it is cut before
 * it is decoded; a line without an end is one, too, for what a program died over may well be its last.
 */
export function linesOf(bytes: Uint8Array, stamps: readonly Stamp[]): readonly LogLine[] {
  const decoder = new TextDecoder();
  const lines: LogLine[] = [];
  let next = 0;
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0x0a, at);
    const end = found < 0 ? bytes.length : found;
    for (let stamp = stamps[next]; stamp !== undefined && stamp.size <= at; stamp = stamps[next]) next++;
    const atMs = stamps[next]?.atMs;
    lines.push({ ...(atMs === undefined ? {} : { atMs }), text: shown(decoder.decode(bytes.subarray(at, end))) });
    at = end + 1;
  }
  return lines;
}

/** It goes to terminals: control characters other than the tab are shown as spaces. */
function shown(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]/gu, ' ');
}
