import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './places.mjs';
import { run } from './run.mjs';

/*
 * The Node runtime that the Debian package carries: Debian 12 has 18, which is too old and no longer maintained. It comes
 * from the npm registry's package of one platform, whose content is pinned here by its SHA-512: what is shipped does not
 * change because a registry did. 24 is maintained until April 2028.
 */
export const NODE_VERSION = '24.21.0';
const platforms = {
  x64: {
    debian: 'amd64',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  arm64: {
    debian: 'arm64',
    sha512: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** Debian's name of this machine's kind; undefined where no runtime is pinned for it. */
export const debianArch = platforms[process.arch]?.debian;

/** Fetches and unpacks it once. Resolves to `{ node, license }`, paths; throws where that fails. */
export async function nodeRuntime() {
  const { sha512 } = platforms[process.arch];
  const folder = join(cache, `node-${NODE_VERSION}-${process.arch}`);
  const found = { node: join(folder, 'package/bin/node'), license: join(folder, 'package/LICENSE') };
  if (existsSync(found.node)) return found;
  const name = `node-linux-${process.arch}`;
  mkdirSync(cache, { recursive: true });
  const packed = await run('npm', ['pack', `${name}@${NODE_VERSION}`, '--silent', '--pack-destination', cache]);
  if (packed.code !== 0) throw new Error(`npm pack ${name}@${NODE_VERSION}: ${packed.text.trim()}`);
  const archive = join(cache, `${name}-${NODE_VERSION}.tgz`);
  try {
    const is = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (is !== sha512) throw new Error(`${name}@${NODE_VERSION} is not what it was: sha512 ${is}, pinned ${sha512}`);
    const half = `${folder}.half`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half, { recursive: true });
    const wanted = ['package/bin/node', 'package/LICENSE'];
    const unpacked = await run('tar', ['-xzf', archive, '-C', half, ...wanted]);
    if (unpacked.code !== 0) throw new Error(unpacked.text.trim());
    // A third of it is symbols, for debuggers; strip(1) gives the same bytes each time.
    const stripped = await run('strip', ['--strip-unneeded', join(half, 'package/bin/node')]);
    if (stripped.code !== 0) throw new Error(`strip: ${stripped.text.trim()} (Debian's binutils)`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
  } finally {
    rmSync(archive, { force: true });
  }
  return found;
}
