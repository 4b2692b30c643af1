import { ok, type Result } from '@softset/base';
import { readCheckedSync, withChecksum, writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import type { Token } from '../core/enrol/state.js';

/** Tokens of enrolment on disk: a secret each, so the daemon's user alone may read them, and a use outlives a power cut. */
export function readTokens(path: string): Result<readonly Token[]> {
  const body = readCheckedSync(path);
  if (!body.ok) return body.code === 'ENOENT' ? ok([]) : body;
  const kept = JSON.parse(body.value) as { readonly version: number; readonly tokens: readonly Token[] };
  if (kept.version === 1) return ok(kept.tokens);
  return { ok: false, code: 'TOKENS_INVALID', message: `${path} is of another version` };
}

/** Errors: errno's names. */
export function writeTokens(path: string, tokens: readonly Token[]): Result<void> {
  return writeFileAtomicSync(path, withChecksum(JSON.stringify({ version: 1, tokens })), { mode: 0o600, fsync: true });
}
