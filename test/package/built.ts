import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/package.mjs', import.meta.url));

export interface Built {
  readonly deb: string;
  /** What was packed, unpacked. */
  readonly tree: string;
}

/** Packs into a folder of its own, and unpacks that. */
export async function pack(): Promise<Built & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'softset-package-'));
  const { stdout } = await run(process.execPath, [
    script,
    '--out',
    folder,
    '--stage',
    join(folder, 'stage'),
    '--quick',
  ]);
  const deb = stdout.trim();
  const tree = join(folder, 'tree');
  await run('dpkg-deb', ['--extract', deb, tree]);
  return { deb, tree, folder };
}

async function unpacked(deb: string): Promise<Built & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'softset-package-'));
  await run('dpkg-deb', ['--extract', deb, join(folder, 'tree')]);
  return { deb, tree: join(folder, 'tree'), folder };
}

let built: ReturnType<typeof pack> | undefined;

/** The package of this source, made once for all tests of the group; or the very file that $SOFTSET_PACKAGE names. */
export function builtPackage(): Promise<Built> {
  const named = process.env.SOFTSET_PACKAGE;
  built ??= (named === undefined ? pack() : unpacked(named)).then((made) => {
    process.once('exit', () => rmSync(made.folder, { recursive: true, force: true }));
    return made;
  });
  return built;
}

/** Whether a tool of Debian's is here; a test that wants one that is not is skipped, and its title names it. */
export async function has(tool: string): Promise<boolean> {
  return run('sh', ['-c', `command -v ${tool}`]).then(
    () => true,
    () => false,
  );
}
