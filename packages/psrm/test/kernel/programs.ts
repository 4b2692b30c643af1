import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWholeRoot } from '@softset/linux/whole-root.js';

/** One entry of a YAML flow mapping: JSON is YAML. */
export const entry = (fields: object): string => JSON.stringify(fields).slice(1, -1);

/** Perl is in every Debian: a program of a few lines that speaks sd_notify(3) from its first process. */
const preamble = `use IO::Socket::UNIX; use Socket; $| = 1;
sub tell_it { my $p = $ENV{NOTIFY_SOCKET} // return; $p =~ s/^@/\\0/;
  socket(my $s, PF_UNIX, SOCK_DGRAM, 0); send($s, $_[0], 0, pack_sockaddr_un($p)); close $s; }
`;

export const perl = (script: string): string[] => ['/usr/bin/perl', '-e', `${preamble}${script}`];

/** A web server in a folder of its own, unmodified: Debian's nginx. */
export function nginx(port: number, daemon: boolean): { folder: string; command: string[]; pidFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'psrm-nginx-'));
  const pidFile = join(folder, 'nginx.pid');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `user root; pid ${pidFile}; error_log ${folder}/error.log; worker_processes 1; daemon ${daemon ? 'on' : 'off'};
events {}
http { access_log off; ${paths.join(' ')} server { listen 127.0.0.1:${port}; location / { return 200 "well\\n"; } } }
`,
  );
  return { folder, pidFile, command: ['/usr/sbin/nginx', '-c', join(folder, 'nginx.conf')] };
}

/** Root of a user namespace may not write the machine's cgroups either. */
export const isRoot = isWholeRoot();

/** Skips a test, and says why beside its name, which is all that the list of those that were skipped shows. */
export function skipFor(context: Mocha.Context, why: string): never {
  if (context.test) context.test.title += ` (${why})`;
  return context.skip();
}

export const NEEDS_ROOT = 'needs root, and not that of a user namespace';

/** What /proc tells of a process: `NAME: value` lines of status, by name. */
export function statusOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return new Map(lines.map((line) => [line.split(':')[0] ?? '', line.split(':')[1]?.trim() ?? '']));
}

/** Children of a process that live now. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
        return Number(parent) === pid && state !== 'Z';
      } catch {
        return false;
      }
    })
    .map(Number);
}
