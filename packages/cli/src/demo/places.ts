import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Files of the repository beside this package: the demonstration runs from a clone. */
const root = new URL('../../../../', import.meta.url);

function inRepository(path: string): string {
  return fileURLToPath(new URL(path, root));
}

export const exampleCluster = inRepository('examples/chassis.yaml');
export const exampleTopology = inRepository('examples/chassis.lab.yaml');
export const echoProgram = inRepository('packages/lab/bin/softset-echo.js');

/** In the order in which a board starts them; the pulse comes first, since the others check in with it. */
export const daemonPrograms = {
  'netrack-pulse': inRepository('packages/netrack/bin/netrack-pulse.js'),
  netrackd: inRepository('packages/netrack/bin/netrackd.js'),
  redirectd: inRepository('packages/redirect/bin/redirectd.js'),
  psrmd: inRepository('packages/psrm/bin/psrmd.js'),
} as const;
export type DaemonProgram = keyof typeof daemonPrograms;

/** Debian's and most others' places of nginx; undefined where it is not installed. */
export function findNginx(): string | undefined {
  return ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((path) =>
    existsSync(path),
  );
}
