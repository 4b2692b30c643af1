import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the repository, seen from where the compiled tests lie. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of the house without its people: every manifest, project and rule, and no source but what a test plants. */
export interface Planted {
  readonly folder: string;
  /** Writes files by path; resolves nothing, compiles nothing. */
  plant(files: Readonly<Record<string, string>>): void;
  remove(): void;
}

export function emptyHouse(): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'softset-house-'));
  const plant = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  const configs = (path: string): string[] =>
    readdirSync(join(root, path))
      .filter((name) => /^(package|tsconfig.*|biome)\.json$/.test(name))
      .map((name) => join(path, name));
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  for (const file of ['', 'test', ...packages].flatMap(configs)) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, plant, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs one of the tools of `node_modules` in `folder`; its exit code and everything it said. */
export function tool(script: string, args: readonly string[], folder: string): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: status, text: stdout + stderr };
}

/** A script of the house as a module; scripts are plain JavaScript, so the caller names the shape. */
export async function script<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'scripts', name)).href)) as T;
}
