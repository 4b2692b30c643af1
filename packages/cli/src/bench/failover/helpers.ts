import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Programs that need the kernel, which the command itself does not touch: compiled with the tests of the repository. */
const folder = new URL('../../../../../dist-test/bench/', import.meta.url);

/** Undefined where only the command was built. */
export function helper(name: 'floor-mover' | 'lease-watch' | 'relay-pair'): string | undefined {
  const path = fileURLToPath(new URL(`${name}.js`, folder));
  return existsSync(path) ? path : undefined;
}

export const notBuilt = 'its helper is not built: npm run build';
