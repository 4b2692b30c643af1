import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { layers, pure } from './layers.mjs';
import { packages, root } from './places.mjs';

/*
 * What a linter of single files cannot see: that package.json, the project references and the imports of a package
 * agree with each other and with the layers. Where they do not, a build works here by luck (npm links every package
 * of the workspace) and fails on the machine where one package is installed alone.
 */

const SCOPE = '@softset/';
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** All disagreements below `at`, one line each, with the file and the reason; empty when all is well. */
export function importRules(at = root) {
  const rootManifest = read(join(at, 'package.json'));
  const projects = read(join(at, 'tsconfig.json')).references.map((reference) => reference.path);
  return packages(at).flatMap((folder) => {
    const name = basename(folder);
    const say = (file, problem) => `packages/${name}/${file}: ${problem}`;
    const allowed = layers[name];
    if (allowed === undefined) return [say('', 'has no place in scripts/layers.mjs: say there what it may import')];
    const manifest = read(join(folder, 'package.json'));
    return [
      ...(projects.includes(`packages/${name}`)
        ? []
        : [say('', 'is not a reference of tsconfig.json: nothing builds it')]),
      ...declared(manifest, name, allowed).map((problem) => say('package.json', problem)),
      ...references(folder, manifest).map(([file, problem]) => say(file, problem)),
      ...imports(folder, manifest, rootManifest).map(([file, problem]) => say(file, problem)),
    ];
  });
}

const ours = (manifest) =>
  Object.keys(manifest.dependencies ?? {})
    .filter((dependency) => dependency.startsWith(SCOPE))
    .map((dependency) => dependency.slice(SCOPE.length));

function declared(manifest, name, allowed) {
  const wrong = ours(manifest).filter((dependency) => !allowed.includes(dependency));
  const stands = allowed.length > 0 ? allowed.join(', ') : 'nothing';
  return wrong.map(
    (dependency) => `depends on ${SCOPE}${dependency}, but ${name} stands on ${stands}: imports run downward only`,
  );
}

/** tsc builds in the order of the references: a missing one is a race, one too many a hidden dependency. */
function references(folder, manifest) {
  const wanted = ours(manifest);
  const problems = [];
  const config = (file) => (existsSync(join(folder, file)) ? read(join(folder, file)) : undefined);
  const named = (project) =>
    (project.references ?? []).flatMap(({ path }) => path.match(/^\.\.\/([^/]+)\/tsconfig\.src\.json$/)?.[1] ?? []);

  const src = config('tsconfig.src.json');
  if (src === undefined) return [['tsconfig.src.json', 'is missing']];
  const has = named(src);
  for (const name of wanted.filter((one) => !has.includes(one))) {
    problems.push(['tsconfig.src.json', `does not reference ../${name}, which package.json depends on`]);
  }
  for (const name of has.filter((one) => !wanted.includes(one))) {
    problems.push(['tsconfig.src.json', `references ../${name}, which package.json does not depend on`]);
  }
  if (pure.includes(basename(folder)) && src.compilerOptions?.types?.length !== 0) {
    problems.push(['tsconfig.src.json', 'must have "types": []: this package is pure and compiles without Node']);
  }
  if (existsSync(join(folder, 'src/core'))) problems.push(...coreProject(config('tsconfig.core.json'), src, named));
  return problems;
}

/** A core is a project of its own, or the compiler would let it use what the shell beside it may use. */
function coreProject(core, src, named) {
  if (core === undefined) return [['tsconfig.core.json', 'is missing: src/core compiles as a project of its own']];
  const problems = [];
  if (core.compilerOptions?.types?.length !== 0) problems.push('must have "types": []: a core compiles without Node');
  if (core.include?.join() !== 'src/core') problems.push('must include src/core and nothing else');
  for (const name of named(core).filter((one) => !['base', 'protocol'].includes(one))) {
    problems.push(`references ../${name}: a core imports base and protocol alone`);
  }
  const found = problems.map((problem) => ['tsconfig.core.json', problem]);
  if (!src.exclude?.includes('src/core'))
    found.push(['tsconfig.src.json', 'must exclude src/core, or it compiles with Node']);
  return found;
}

/** The three ways to name another module; prose in a comment does not begin a line with `import` or `export`. */
const FORMS = [
  /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
];

function imports(folder, manifest, rootManifest) {
  const own = Object.keys(manifest.dependencies ?? {});
  const tests = [
    manifest.name,
    ...own,
    ...Object.keys(manifest.devDependencies ?? {}),
    ...Object.keys(rootManifest.devDependencies ?? {}),
  ];
  const problems = [];
  for (const [part, may] of [
    ['src', own],
    ['test', tests],
  ]) {
    for (const file of sources(join(folder, part))) {
      const text = readFileSync(join(folder, part, file), 'utf8');
      const modules = new Set(FORMS.flatMap((form) => [...text.matchAll(form)].map((match) => match[1])));
      for (const module of modules) {
        if (module.startsWith('.') || isBuiltin(module)) continue;
        const name = module.split('/', module.startsWith('@') ? 2 : 1).join('/');
        if (!may.includes(name))
          problems.push([`${part}/${file}`, `imports ${name}, which package.json does not depend on`]);
      }
    }
  }
  return problems;
}

function sources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[mc]?ts$/.test(name));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problems = importRules(process.argv[2]);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
