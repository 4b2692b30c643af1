import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { type FaultKind, type FaultOption, Lab, listLabs } from '@softset/lab';
import { exitCodes } from './exit-codes.js';
import { labWithDaemons } from './lab-cluster.js';
import { print, refuse } from './say.js';
import { duration } from './status/words.js';

interface Options {
  readonly name: string;
  readonly json?: boolean;
}

/** `softset lab up FILE`. */
export async function labUpCommand(file: string, options: Options & { readonly lifeHours?: string }): Promise<number> {
  const hours = Number(options.lifeHours ?? 2);
  if (!(hours >= 0 && hours <= 500)) {
    return refuse({ code: 'USAGE', message: `--life-hours ${options.lifeHours} must be 0 (for ever) to 500` });
  }
  const made = await labWithDaemons({ file: resolve(file), name: options.name, lifeMs: hours * 3_600_000 });
  if (!made.ok) return refuse(made);
  const lab = made.value;
  const boards = lab.topology.boards.map((board) => board.name);
  print(
    options.json
      ? JSON.stringify({ name: lab.name, dir: lab.dir, boards })
      : `lab ${lab.name} is up: ${boards.join(', ')}${daemonsStart(lab)}`,
  );
  return exitCodes.done;
}

function daemonsStart(lab: Lab): string {
  return lab.topology.cluster === undefined ? '' : `\nits daemons start: npx softset status --lab ${lab.name}`;
}

/** `softset lab down`. */
export async function labDownCommand({ name }: Options): Promise<number> {
  if (!(await Lab.down(name))) return refuse({ code: 'LAB_UNKNOWN', message: `there is no lab "${name}"` }, known());
  print(`lab ${name} is gone`);
  return exitCodes.done;
}

function known(): string {
  return `there are: ${
    listLabs()
      .map((lab) => lab.name)
      .join(', ') || 'none'
  }`;
}

/** `softset lab status`: one lab, or all where none is named. */
export async function labStatusCommand(options: Partial<Options>): Promise<number> {
  const { name, json } = options;
  if (name === undefined) {
    const labs = listLabs();
    print(
      json ? JSON.stringify(labs) : labs.map((lab) => `${lab.name}  ${lab.state}  ${lab.dir}`).join('\n') || 'no labs',
    );
    return exitCodes.done;
  }
  const lab = Lab.attach(name);
  const status = await lab.status();
  if (json) {
    print(JSON.stringify(status, undefined, 2));
    return exitCodes.done;
  }
  print(status.faults.length === 0 ? 'no faults' : `faults: ${status.faults.join('; ')}`);
  for (const { name: board, pid } of status.boards) {
    const daemons = pid === null ? [] : await lab.board(board).init.list();
    const words = daemons.map((d) => (d.state === 'running' ? d.name : `${d.name} (${d.state})`));
    print(`${board.padEnd(15)}  ${pid === null ? 'crashed' : words.join(', ') || 'no daemons'}`);
  }
  return exitCodes.done;
}

/** `softset lab exec PLACE -- COMMAND…`: its exit code is ours. */
export async function labExecCommand(place: string, command: readonly string[], { name }: Options): Promise<number> {
  const [program, ...args] = await Lab.attach(name).command(place, command);
  const child = spawn(program, args, { stdio: 'inherit' });
  // The terminal gives Ctrl-C to both: what runs inside decides.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  try {
    return await new Promise((done, failed) => {
      child.once('error', failed);
      child.once('exit', (code) => done(code ?? exitCodes.system));
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** `softset lab fault KIND TARGET [OPTION]`. */
export async function labFaultCommand(
  kind: string,
  target: string,
  strength: string | undefined,
  options: Options & { readonly forGood?: boolean },
): Promise<number> {
  const option = options.forGood === true ? '--for-good' : strength;
  // The lab refuses what it does not know, and says what there is.
  const effect = await Lab.attach(options.name).fault(kind as FaultKind, target, option as FaultOption | undefined);
  print(options.json ? JSON.stringify(effect) : `${kind} ${target}: done in ${duration(effect.tookMs)}`);
  return exitCodes.done;
}

/** `softset lab heal [KIND TARGET]`. */
export async function labHealCommand(
  kind: string | undefined,
  target: string | undefined,
  options: Options,
): Promise<number> {
  const effect = await Lab.attach(options.name).heal(kind as FaultKind | undefined, target);
  print(
    options.json
      ? JSON.stringify(effect)
      : `healed ${kind === undefined ? 'everything' : `${kind} ${target ?? ''}`.trim()}`,
  );
  return exitCodes.done;
}
