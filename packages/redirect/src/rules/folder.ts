import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { TEXT_BYTES_MAX } from '@softset/protocol/rules-shape.js';
import { errnoFailure } from '@softset/runtime/errno.js';
import type { RuleText } from './load.js';

/** Files in one directory; a directory with more is no rules directory. */
const FILES_MAX = 100;

/**
 * Texts of rules files: a file by its name, of a directory all `*.yaml` and `*.yml` in the order of their names.
 * Errors: errno's names, `RULES_TOO_LARGE`, and with `safe` `RULES_UNSAFE` for a file that anybody may write: rules
 * move services and run programs.
 */
export function readRuleTexts(paths: readonly string[], safe = false): Result<readonly RuleText[]> {
  const texts: RuleText[] = [];
  for (const path of paths) {
    const files = ruleFiles(path, safe);
    if (!files.ok) return files;
    for (const file of files.value) {
      const read = readRuleText(file, safe);
      if (!read.ok) return read;
      texts.push(read.value);
    }
  }
  if (texts.length > FILES_MAX) return fail('RULES_TOO_LARGE', `${texts.length} rules files; at most ${FILES_MAX}`);
  return ok(texts);
}

function ruleFiles(path: string, safe: boolean): Result<readonly string[]> {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) return ok([path]);
    if (safe && (stat.mode & 0o002) !== 0) {
      return fail(
        'RULES_UNSAFE',
        `${path}: everybody may put files there; rules move services and run programs (chmod o-w)`,
      );
    }
    const entries: Dirent[] = readdirSync(path, { withFileTypes: true });
    const names = entries
      .filter((one) => !one.isDirectory() && /^[^.].*\.ya?ml$/.test(one.name))
      .map((one) => one.name);
    return ok(names.sort().map((name) => join(path, name)));
  } catch (error) {
    return errnoFailure(error, `read the rules in ${path}`);
  }
}

function readRuleText(file: string, safe: boolean): Result<RuleText> {
  try {
    const { mode, size } = statSync(file);
    if (safe && (mode & 0o002) !== 0) {
      return fail('RULES_UNSAFE', `${file}: everybody may write it; rules move services and run programs (chmod o-w)`);
    }
    if (size > 2 * TEXT_BYTES_MAX) {
      return fail('RULES_TOO_LARGE', `${file}: ${size} bytes; at most ${TEXT_BYTES_MAX}`);
    }
    return ok({ name: file, text: readFileSync(file, 'utf8') });
  } catch (error) {
    return errnoFailure(error, `read ${file}`);
  }
}
