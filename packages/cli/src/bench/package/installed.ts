import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DaemonSpec } from '@softset/lab';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../../../', import.meta.url));

/** The package of this source as a board has it: its own runtime, its bundles, and what its postinst compiles. */
export interface Installed {
  readonly node: string;
  /** A daemon of the repository's, with the runtime and the bundle of the package. */
  readonly asPackaged: (spec: DaemonSpec) => DaemonSpec;
  remove(): void;
}

/** Makes it and lays it out, without touching the machine. Rejects where it cannot be made. */
export async function installPackage(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'softset-bench-package-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const stage = join(folder, 'stage');
  const home = join(stage, 'usr/lib/softset');
  try {
    await run(process.execPath, [join(root, 'scripts/package.mjs'), '--quick', '--out', folder, '--stage', stage]);
    await run(join(home, 'compile'), []);
  } catch (error) {
    remove();
    throw error;
  }
  const node = join(home, 'node');
  const word = (text: string): string =>
    text === '{node}' ? node : text.startsWith(root) ? join(home, text.slice(root.length)) : text;
  return { node, asPackaged: (spec) => ({ ...spec, command: spec.command.map(word) }), remove };
}
