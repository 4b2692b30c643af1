import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { root } from './places.mjs';
import { run } from './run.mjs';

/*
 * Makes one file of each program that has to start fast, and has V8's work on it kept beside it (packages/base/launch.cjs).
 * Quick where nothing changed.
 */

/** Seldom needed, and large: in a bundle of its own, loaded when it is. */
const parts = { '@softset/protocol/cluster-file.js': 'packages/protocol/bundle/cluster-file' };
/** Options that each is started with: what V8 compiled fits one set of options only (packages/cli/src/lab-daemons.ts). */
const plain = [];
const daemon = ['--single-threaded', '--turbo-filter=sha256Compress', '--no-maglev', '--no-flush-bytecode'];
const programs = [
  {
    stem: 'packages/netrack/bundle/netrack-pulse',
    entry: 'packages/netrack/dist/pulse-main.js',
    options: [plain, daemon],
  },
  {
    stem: 'packages/netrack/bundle/netrackd',
    entry: 'packages/netrack/dist/netrackd-main.js',
    options: [plain, daemon],
  },
  { stem: 'packages/netrack/bundle/netrack-form', entry: 'packages/netrack/dist/form-main.js', options: [plain] },
  { stem: 'packages/redirect/bundle/redirectd', entry: 'packages/redirect/dist/main.js', options: [plain, daemon] },
  { stem: 'packages/psrm/bundle/psrmd', entry: 'packages/psrm/dist/main.js', options: [plain] },
  {
    stem: 'packages/lab/bundle/softset-lab-init',
    entry: 'packages/lab/dist/init/main.js',
    options: [['--single-threaded']],
  },
];

/** Bundles what was compiled. Resolves to what went wrong, '' for nothing. */
export async function bundle({ env = process.env } = {}) {
  const { build } = await import('esbuild');
  const said = [];
  const make = async ({ stem, entry, options }) => {
    if (!existsSync(join(root, entry))) return;
    const made = await build({
      entryPoints: [join(root, entry)],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      // The launcher reads it as Latin-1.
      charset: 'ascii',
      supported: { 'dynamic-import': false },
      external: ['koffi'],
      plugins: [inParts, withoutLocales],
      logLevel: 'silent',
    });
    const file = join(root, `${stem}.cjs`);
    const bytes = made.outputFiles[0].contents;
    if (existsSync(file) && readFileSync(file).equals(bytes) && isCompiled(stem, options)) return;
    mkdirSync(dirname(file), { recursive: true });
    for (const old of codeOf(stem)) rmSync(old);
    writeFileSync(file, bytes);
    for (const flags of options) said.push(await compile(stem, flags, env));
  };
  for (const [module, stem] of Object.entries(parts)) {
    await make({
      stem,
      entry: module.replace('@softset/', 'packages/').replace(/\/([^/]+)$/, '/dist/$1'),
      options: [],
    });
  }
  for (const program of programs) await make(program);
  return said.filter((text) => text !== '').join('\n');
}

/** Leaves out what has a bundle of its own. */
const inParts = {
  name: 'parts',
  setup(build) {
    build.onResolve({ filter: /^@softset\// }, ({ path, kind }) => {
      const part = parts[path];
      if (kind !== 'dynamic-import' || part === undefined) return undefined;
      // From PACKAGE/bundle: packages lie side by side here, on a board, and where npm installs them.
      return { path: `bundle:${part.replace('packages/', '../../')}`, external: true };
    });
  },
};

/** zod carries its messages in sixty languages; ours are in English, and none of those is ever asked for. */
const withoutLocales = {
  name: 'without-locales',
  setup(build) {
    build.onResolve({ filter: /\/locales\/index\.js$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export {};' }));
  },
};

/** For this Node, with each set of options; a part has the sets of the programs that load it. */
function isCompiled(stem, options) {
  const names = codeOf(stem).map((path) => basename(path));
  const suffixes = options.map((flags) => `${process.arch}${flags.join('').replace(/[^\w-]/g, '_')}.code`);
  return (
    names.length > 0 && suffixes.every((suffix) => names.includes(`${basename(stem)}.${process.version}-${suffix}`))
  );
}

function codeOf(stem) {
  const folder = join(root, dirname(stem));
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.startsWith(`${basename(stem)}.`) && name.endsWith('.code'))
    .map((n) => join(folder, n));
}

/** Starts the program once, to check a file and end: what was compiled by then is kept, and that of the parts it took. */
async function compile(stem, flags, env) {
  const bin = join(root, stem.replace('/bundle/', '/bin/'));
  const { code, text } = await run(
    process.execPath,
    [
      ...flags,
      `${bin}.js`,
      '--check-config',
      '--cluster',
      'examples/chassis.yaml',
      '--board',
      'cpu-1',
      '--run-dir',
      tmpdir(),
    ],
    {
      cwd: root,
      env: { ...env, SOFTSET_MAKE_CODE: '1' },
    },
  );
  return codeOf(stem).length > 0 ? '' : `${stem}: nothing was compiled (code ${code}): ${text}`;
}
