import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STEADY } from '../lab-daemons.js';
import type { Section } from './cluster-file.js';
import { echoProgram, findNginx } from './places.js';

/** The public address of (002 Figs 11, 12), and the port of RFC 862. */
export const publicAddress = '192.168.1.1';
export const echoPort = 7;
export const webPort = 80;

/** How fast a program that hangs is found: `fall` questions unanswered, then the stop signal, then KILL. */
export const echoProbe = { udp: { port: echoPort }, intervalMs: 50, timeoutMs: 50, fall: 3, graceMs: 2000 };
export const echoStop = { signal: 'TERM', timeoutMs: 100 };

/**
 * Every board of the pool keeps its copy running (`exclusive: address`): a standby then needs no program's start, which
 * would be the longest part of a move.
 */
export function echo(): Section {
  return {
    // Behind our daemons and before all else: seven boards that share two processors would starve it, and it would count as
    // hung. Where that is not permitted it runs as any program does.
    command: [process.execPath, ...STEADY, echoProgram, '--port', String(echoPort), '--real-time'],
    exclusive: 'address',
    probe: echoProbe,
    stop: echoStop,
    // Several steps kill it within seconds of one another; three deaths within two seconds are what gives it up.
    giveUp: { deaths: 3, withinMs: 2000 },
  };
}

/** An unmodified nginx, with files of its own in `dir`; undefined where it is not installed. */
export function web(dir: string): Section | undefined {
  const nginx = findNginx();
  if (nginx === undefined) return undefined;
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, nginxConfiguration());
  return {
    // The prefix is the board's own run directory: `web` runs on several boards, which share this disk and nothing else.
    command: [
      '/bin/sh',
      '-c',
      `mkdir -p "$SOFTSET_RUN_DIR/web" && exec ${nginx} -e stderr -p "$SOFTSET_RUN_DIR/web" -c ${file}`,
    ],
    exclusive: 'address',
    probe: { tcp: { port: webPort }, intervalMs: 500, timeoutMs: 250, fall: 3, graceMs: 2000 },
    stop: { signal: 'TERM', timeoutMs: 1000 },
  };
}

/** One worker, in the foreground, every path below the prefix; no file of the machine's own nginx is read or written. */
function nginxConfiguration(): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${name};`);
  return [
    // Root of a user namespace may not set groups (user_namespaces(7)), which a master does for its workers.
    process.getuid?.() === 0 ? 'user root;' : 'master_process off;',
    'daemon off;',
    'worker_processes 1;',
    'pid nginx.pid;',
    'error_log stderr warn;',
    'events { worker_connections 64; }',
    'http {',
    '  access_log off;',
    ...temporary,
    `  server { listen 0.0.0.0:${webPort}; default_type text/plain; location / { return 200 "$hostname\\n"; } }`,
    '}',
    '',
  ].join('\n');
}
