import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';
import { errnoFailure } from '@softset/runtime/errno.js';

/** Printable, and nothing that snmpd.conf would take for a quote, a comment or an escape. */
const WORD = /^[!$-&(-[\]-~]+$/;
/** RFC 3414 §11.2. */
const PASSPHRASE_MIN = 8;

/** The lines of a file that only its owner may read. Errors: errno's names, `SECRET_EXPOSED`, `SECRET_MALFORMED`. */
function secretLines(path: string, linesMax: number): Result<readonly string[]> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    // Of the open file, not of the path: what is checked is what is read.
    const { mode } = fstatSync(fd);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      return fail('SECRET_EXPOSED', `${path}: mode ${shown} lets others at it; run: chmod 0600 ${path}`);
    }
    const lines = readFileSync(fd, 'latin1').trimEnd().split('\n');
    if (lines.length > linesMax || !lines.every((line) => WORD.test(line))) {
      const allowed = `${linesMax === 1 ? 'one line' : `up to ${linesMax} lines`} of printable ASCII without space, ", ', # and \\`;
      return fail('SECRET_MALFORMED', `${path}: ${allowed} is allowed`);
    }
    return ok(lines);
  } catch (error) {
    return errnoFailure(error, `read ${path}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Passphrases of authentication and privacy; one line serves for both. */
export function readPassphrases(path: string): Result<readonly [string, string]> {
  const lines = secretLines(path, 2);
  if (!lines.ok) return lines;
  const [auth = '', privacy = auth] = lines.value;
  if (auth.length >= PASSPHRASE_MIN && privacy.length >= PASSPHRASE_MIN) return ok([auth, privacy]);
  return fail('SECRET_MALFORMED', `${path}: a passphrase has at least ${PASSPHRASE_MIN} characters (RFC 3414)`);
}

export function readCommunity(path: string): Result<string> {
  const lines = secretLines(path, 1);
  return lines.ok ? ok(lines.value[0] ?? '') : lines;
}
