import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './places.mjs';
import { run } from './run.mjs';

/*
 * MIB modules go through smilint, all warnings on. Debian's smitools has no MIBs of the IETF: SNMPv2-SMI, -TC and -CONF
 * come with the net-snmp package of Node, NET-SNMP-MIB with Debian's libsnmp-base.
 */

const LEVEL = 6;
const OURS = 'docs/mibs';
const debianMibs = '/usr/share/snmp/mibs';

/** `{ problem }`, '' when all is well, or `{ skipped }`: what is missing. */
export async function lintMibs(env, folder = join(root, OURS)) {
  const path = (env.PATH ?? '').split(delimiter);
  if (!path.some((one) => existsSync(join(one, 'smilint')))) return { skipped: `smilint ${OURS}: needs smitools` };
  const unpacked = join(root, '.cache/debian-root', debianMibs);
  const debian = [debianMibs, unpacked].find((one) => existsSync(join(one, 'NET-SNMP-MIB.txt')));
  if (debian === undefined) return { skipped: `smilint ${OURS}: needs NET-SNMP-MIB, which libsnmp-base has` };
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const SMIPATH = [join(root, 'node_modules/net-snmp/lib/mibs'), debian].join(':');
  // Its exit code is 0 whatever it found: what it says counts.
  const args = ['-l', String(LEVEL), '-c', '/dev/null', ...files.map((name) => join(folder, name))];
  const { code, text } = await run('smilint', args, { env: { ...env, SMIPATH } });
  return { problem: code === 0 ? text : text || `smilint ended with code ${code}` };
}
