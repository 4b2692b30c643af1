import { execFile } from 'node:child_process';

/** An operator's PATH may lack sbin, where these live on Debian. */
const PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';
/** The slowest of them waits for an answer on the wire. */
const LIMIT_MS = 5_000;
/** A firewall of some ten thousand rules, bytes. */
const OUTPUT_MAX = 64 * 1024 * 1024;

export interface Said {
  /** Undefined where the tool is missing, or was ended. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs one of Debian's tools, without a shell. Never throws. */
export function tool(file: string, args: readonly string[], input = ''): Promise<Said> {
  return new Promise((done) => {
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:${PATH}`, LC_ALL: 'C' };
    const child = execFile(file, [...args], { env, timeout: LIMIT_MS, maxBuffer: OUTPUT_MAX }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      done({ code, out, err });
    });
    // One that is missing, or ends before it reads, breaks the pipe: its exit code says enough.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
