import type { RuleSet } from '../core/rules/rule-set.js';
import { worldOf } from '../core/rules/world.js';
import { readRuleTexts } from './folder.js';
import { loadRules, type Told, toldLine } from './load.js';
import { Recorder } from './recorder.js';
import { runTests } from './run-tests.js';
import { readCluster, type ToolOptions } from './tool-options.js';
import { print, refuse, say } from './tool-say.js';

export interface ToolSet {
  readonly set: RuleSet;
  readonly told: readonly Told[];
}

/** Files read and checked; a number is the exit code after everything was said. */
export function loadForTool(options: ToolOptions, paths: readonly string[]): ToolSet | number {
  if (paths.length === 0) return refuse({ code: 'USAGE', message: 'name a rules file, or a directory of them' });
  const cluster = readCluster(options.cluster);
  if (!cluster.ok) return refuse(cluster);
  const texts = readRuleTexts(paths);
  if (!texts.ok) return refuse(texts);
  const { told, set } = loadRules(texts.value, cluster.value && worldOf(cluster.value));
  if (set !== undefined) return { set, told };
  if (options.json) print(JSON.stringify({ ok: false, findings: told }));
  else for (const one of told) say(toldLine(one));
  return 1;
}

/** `check`: 0 where there is no error; warnings are said all the same. */
export function checkVerb(options: ToolOptions): number {
  const loaded = loadForTool(options, options.paths);
  if (typeof loaded === 'number') return loaded;
  const { set, told } = loaded;
  if (options.json) {
    const files = set.files.map(({ name, revision }) => ({ name, revision }));
    const counts = { rules: set.rules.length, instances: set.instances.length, tests: set.tests.length };
    print(JSON.stringify({ ok: true, files, ...counts, findings: told }));
    return 0;
  }
  for (const one of told) say(toldLine(one));
  const names = options.cluster === undefined ? '; names are not looked up without --cluster' : '';
  const { files, rules, instances, tests } = set;
  print(
    `${count(files.length, 'file')}, ${count(rules.length, 'rule')} in ${count(instances.length, 'instance')}, ${count(tests.length, 'test')}: good${names}`,
  );
  return 0;
}

/** `test`: 0 where all passed; files without tests are told, not passed over. */
export async function testVerb(options: ToolOptions): Promise<number> {
  const loaded = loadForTool(options, options.paths);
  if (typeof loaded === 'number') return loaded;
  const { set, told } = loaded;
  const recorder = options.record === undefined ? undefined : new Recorder(Date.now());
  const verdicts = await runTests(set, recorder);
  if (recorder !== undefined && options.record !== undefined) {
    const written = recorder.write(options.record);
    if (!written.ok) return refuse(written);
  }
  const failed = verdicts.filter((one) => one.failure !== undefined);
  if (options.json) {
    const tests = verdicts.map(({ test, failure }) => ({ name: test.name, ok: failure === undefined, failure }));
    print(JSON.stringify({ ok: failed.length === 0, tests }));
    return failed.length === 0 ? 0 : 1;
  }
  for (const one of told) say(toldLine(one));
  for (const { test, failure } of verdicts) {
    print(
      failure === undefined
        ? `ok      ${test.name}`
        : `FAILED  ${test.name} (${set.files[test.file]?.name}): ${failure}`,
    );
  }
  print(
    set.tests.length === 0
      ? 'there are no tests in these files'
      : `${verdicts.length - failed.length} passed, ${failed.length} failed`,
  );
  return failed.length === 0 ? 0 : 1;
}

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
