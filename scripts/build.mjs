import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { packages, root } from './places.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { setup } from './setup.mjs';

/**
 * Compiles everything, and bundles what has to start fast; quick where nothing changed. Resolves to an exit code and what
 * was said.
 * `only` names packages, each built with what it needs.
 */
export async function build({ env = process.env, only = [] } = {}) {
  prune();
  const projects = only.map((name) => `packages/${name}`);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = await run(process.execPath, [tsc, '-b', ...projects], { cwd: root, env });
  if (compiled.code !== 0) return compiled;
  const failed = await bundle({ env });
  return failed === '' ? compiled : { ...compiled, code: 1, text: failed };
}

/** Removes what tsc once made of a source that is gone: a deleted test would go on running, and passing. */
function prune() {
  const pairs = packages().flatMap((folder) => [
    [join(folder, 'src'), join(folder, 'dist')],
    [join(folder, 'test'), join(folder, 'dist-test')],
  ]);
  for (const [source, output] of [...pairs, [join(root, 'test'), join(root, 'dist-test')]]) {
    if (!existsSync(output)) continue;
    for (const name of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
      const stem = name.replace(/\.js\.map$/, '');
      if (stem === name || existsSync(join(source, `${stem}.ts`))) continue;
      for (const end of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(join(output, stem + end), { force: true });
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { env } = await setup([]);
  const { code, text } = await build({ env, only: process.argv.slice(2) });
  if (text !== '') say(text.trimEnd());
  process.exitCode = code;
}
