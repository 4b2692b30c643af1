import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.js';
import { accountOf } from '../install/place.js';
import { joinProgram } from '../programs-beside.js';
import { refuse } from '../say.js';

export interface JoinOptions {
  readonly control: string;
  readonly port?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly cluster: string;
  readonly runDir: string;
  readonly stateDir: string;
  readonly defaults: string;
  readonly wait: string;
}

/** `softset enrol join`, on a new board: asks a control node for the cluster file and the key, and has doctor test them. */
export function joinCommand(options: JoinOptions): number {
  const { control, port, token, cluster, runDir, stateDir, wait } = options;
  if (!existsSync(joinProgram))
    return refuse({ code: 'ENOENT', message: `${joinProgram} is not there: install @softset/geodhcp beside softset` });
  const account = process.getuid?.() === 0 ? accountOf() : undefined;
  // A secret on a command line is everybody's on this board: it goes by a file that we alone may read.
  const folder = token === undefined ? undefined : mkdtempSync(join(tmpdir(), 'softset-join-'));
  try {
    if (folder !== undefined) writeFileSync(join(folder, 'token'), `${token}\n`, { mode: 0o600 });
    const tokenFile = folder === undefined ? options.tokenFile : join(folder, 'token');
    const own = [process.execPath, process.argv[1] ?? ''];
    const words = [
      ...['--control', control, '--cluster', cluster, '--defaults', options.defaults, '--wait', wait],
      ...(port === undefined ? [] : ['--port', port]),
      ...(tokenFile === undefined ? [] : ['--token-file', tokenFile]),
      ...(account === undefined ? [] : ['--uid', String(account.uid), '--gid', String(account.gid)]),
      ...['--', ...own, 'doctor', '--json', '--cluster', cluster, '--run-dir', runDir, '--state-dir', stateDir],
    ];
    const done = spawnSync(process.execPath, [joinProgram, ...words], { stdio: ['ignore', 'inherit', 'inherit'] });
    if (done.error) return refuse({ code: 'ESYSTEM', message: done.error.message });
    return done.status ?? exitCodes.system;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
