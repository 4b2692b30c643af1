import { spawnSync } from 'node:child_process';
import { exitCodes } from '../exit-codes.js';
import { formProgram } from '../programs-beside.js';
import { print, refuse } from '../say.js';
import { accountOf, installed, ownBoard } from './place.js';

export interface FormOptions {
  readonly cluster: string;
  readonly board?: string;
  readonly runDir: string;
  readonly stateDir: string;
}

/** `softset form`: makes this board a member, once (T7): netrack-form, as the daemons' user where root asks. */
export function formCommand({ cluster, board, runDir, stateDir }: FormOptions): number {
  const name = ownBoard(board);
  const account = process.getuid?.() === 0 ? accountOf() : undefined;
  const words = ['--cluster', cluster, '--board', name, '--run-dir', runDir, '--state-dir', stateDir];
  const done = spawnSync(process.execPath, [formProgram, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    ...account,
  });
  if (done.error) return refuse({ code: 'ESYSTEM', message: done.error.message });
  if (done.status !== 0) return done.status ?? exitCodes.system;
  const next = stateDir === installed.stateDir ? '; next: systemctl start softset.target' : '';
  print(`${name} is a member${next}`);
  return exitCodes.done;
}
