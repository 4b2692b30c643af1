import { fileURLToPath } from 'node:url';

/** Programs of packages that lie beside this one: in a clone, where npm installed them, and in the Debian package. */
export const rulesProgram = beside('redirect/bin/redirect-rules.js');
export const formProgram = beside('netrack/bin/netrack-form.js');
export const inUseProgram = beside('netrack/bin/netrack-in-use.js');
export const joinProgram = beside('geodhcp/bin/enrol-join.js');
export const igmpProgram = beside('linux/bin/igmp-listen.js');

function beside(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
