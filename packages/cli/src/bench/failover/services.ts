import type { Section } from '../../demo/cluster-file.js';
import { echo, publicAddress } from '../../demo/programs.js';
import { kinds } from './cases.js';
import { clock } from './program-clock.js';

/** A second service, that takes over only on proof, on boards of its own. */
export const guarded = { name: 'guarded', address: '192.168.1.2', pool: ['io-1', 'io-2'] };
export const services: Section = {
  media: { addresses: [`${publicAddress}/32`], pool: ['cpu-1', 'cpu-2'], programs: ['echo'] },
  [guarded.name]: {
    addresses: [`${guarded.address}/32`],
    pool: guarded.pool,
    programs: ['guarded-echo'],
    takeover: 'strict',
  },
  // Without programs: they are answered for by the echo of `guarded`, which runs on both boards.
  ...Object.fromEntries(
    Object.entries(kinds).map(([name, { address, prefix, more }]) => [
      name,
      { addresses: [`${address}/${prefix}`], pool: guarded.pool, ...more },
    ]),
  ),
};

/** Programs that `media` does not wait for: every service has its own, and the clock has none. */
export function withPrograms(text: string): string {
  const { command, ...rest } = echo();
  // Of both families: one of the other services is an IPv6 address.
  const both = { ...rest, command: [...(command as string[]), '--bind', '::'] };
  const more = JSON.stringify({ clock, 'guarded-echo': both });
  // By a function: a replacement that is a string would turn the shell's `$$` into `$`.
  return text.replace(/^programs: \{/m, () => `programs: ${more.slice(0, -1)},`);
}
