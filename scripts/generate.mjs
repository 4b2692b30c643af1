import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packages, root } from './places.mjs';

/*
 * Files that are made from the code, and committed so that they can be read without it: schema, samples, man pages.
 * A package that makes some has `generate.mjs` beside its package.json, which runs after the build:
 *
 *   export const generated = [{ path: 'docs/chassis.schema.json', make: () => text }];
 *
 * `path` is from the root of the repository; `make` returns the text, or a promise of it.
 * `node scripts/generate.mjs` writes them; `--check` compares, and exits 1 where one has drifted.
 */

/** Every generator of the packages below `at`. Two that claim one path are an error. */
export async function generators(at = root) {
  const files = packages(at)
    .map((folder) => join(folder, 'generate.mjs'))
    .filter(existsSync);
  const found = [];
  for (const file of files) {
    const { generated } = await import(pathToFileURL(file).href);
    for (const one of generated) {
      if (found.some((other) => other.path === one.path))
        throw new Error(`${file}: ${one.path} has a generator already`);
      found.push(one);
    }
  }
  return found;
}

/** Paths whose committed text is not what their generator makes, each with the first line that differs. */
export async function drift(at = root) {
  const problems = [];
  for (const { path, make } of await generators(at)) {
    const wanted = formatted(path, await make());
    const file = join(at, path);
    if (!existsSync(file)) problems.push(`${path}: is missing; npm run generate writes it`);
    else if (readFileSync(file, 'utf8') !== wanted)
      problems.push(`${path}: ${difference(readFileSync(file, 'utf8'), wanted)}`);
  }
  return problems;
}

export async function generate(at = root) {
  const written = [];
  for (const { path, make } of await generators(at)) {
    const text = formatted(path, await make());
    const file = join(at, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    written.push(path);
  }
  return written;
}

/** JSON and code go through the formatter, or a generated file would fail the format check that it cannot mend. */
function formatted(path, text) {
  if (!/\.(json|ts|mjs)$/.test(path)) return text;
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'format', `--stdin-file-path=${path}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path}: cannot be formatted: ${stderr}`);
  return stdout;
}

function difference(found, wanted) {
  const lines = found.split('\n');
  const index = wanted.split('\n').findIndex((line, i) => line !== lines[i]);
  const at = index < 0 ? wanted.split('\n').length : index;
  return `line ${at + 1} is "${lines[at] ?? ''}", its generator makes "${wanted.split('\n')[at] ?? ''}"; npm run generate writes it`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const check = process.argv.includes('--check');
  for (const line of check ? await drift() : await generate()) {
    process.stdout.write(`${line}\n`);
    if (check) process.exitCode = 1;
  }
}
