import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fail, ok, type Result } from '@softset/base';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { exitCodes } from '../exit-codes.js';
import { accountOf, ownBoard } from '../install/place.js';
import { print, refuse } from '../say.js';
import { type Answers, readBoards, readNetwork, voters } from './answers.js';
import { composeClusterFile } from './compose.js';
import { lookAround, type Seen } from './from-network.js';
import { boardsFlag, networkFlag } from './proposal.js';

export interface InitOptions {
  readonly dir: string;
  readonly name?: string;
  readonly number?: string;
  readonly networkA?: string;
  readonly networkB?: string;
  readonly boards?: string;
  readonly votes?: string;
  readonly splitBrain?: boolean;
  readonly fromNetwork?: boolean;
  readonly json?: boolean;
}

const KEY_FILE = 'cluster.key';
const questions = {
  name: 'Name of the cluster',
  networkA: 'Network A: SUBNET,DEVICE[,MULTICAST], such as 10.1.0.0/16,eth0',
  networkB: 'Network B, such as 20.1.0.0/16,eth1',
  boards: 'Boards, with commas between them: NAME[:ROLE][=ADDRESS_ON_A/ADDRESS_ON_B]',
} as const;
type Asked = keyof typeof questions;
const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** `softset init`: a cluster file that every daemon accepts, and a key. Nothing that is there is written over. */
export async function initCommand(options: InitOptions): Promise<number> {
  const paths = { cluster: join(options.dir, 'cluster.yaml'), key: join(options.dir, KEY_FILE) };
  const there = Object.values(paths).find((path) => existsSync(path));
  if (there !== undefined)
    return refuse({ code: 'FILE_EXISTS', message: `${there} is there: it is not written over` }, 'move it away first');
  const seen = options.fromNetwork === true ? await lookAround(ownBoard(), options) : undefined;
  if (seen !== undefined && !seen.ok) return refuse(seen);
  // Who answers may be a switch's agent, or a printer: it is for somebody to look at, and not for a file at once.
  if (seen !== undefined && !process.stdin.isTTY) return tellSeen(seen.value, options);
  if (seen !== undefined) process.stderr.write(`${seenLines(seen.value).join('\n')}\n`);
  const asked = await ask(options, seen === undefined ? {} : proposed(seen.value));
  if (!asked.ok) return refuse(asked);
  const answers = answersOf(options, asked.value);
  if (!answers.ok) return refuse(answers);
  const text = composeClusterFile(answers.value, KEY_FILE);
  const parsed = parseClusterFile(text, paths.cluster);
  if (!parsed.ok) return refuse(parsed);
  try {
    write(options.dir, paths, text);
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return refuse({ code, message });
  }
  const { boards, votes } = answers.value;
  if (options.json === true) print(JSON.stringify({ ...paths, boards: boards.map((board) => board.name), votes }));
  else print(nextSteps(paths, boards.length, votes).join('\n'));
  return exitCodes.done;
}

/** What flags do not say is asked where somebody sits; where nobody does, it is named. */
async function ask(
  options: InitOptions,
  defaults: Partial<Record<Asked, string>>,
): Promise<Result<Record<Asked, string>, 'USAGE'>> {
  const missing = (Object.keys(questions) as Asked[]).filter((name) => options[name] === undefined);
  const answers = { name: '', networkA: '', networkB: '', boards: '', ...pick(options) };
  if (missing.length === 0) return ok(answers);
  if (!process.stdin.isTTY)
    return fail('USAGE', `missing: ${missing.map(flagOf).join(', ')} (or ask me at a terminal)`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (const name of missing) {
      const offered = defaults[name];
      const question = offered === undefined ? questions[name] : `${questions[name]}\n[${offered}]`;
      answers[name] = (await lines.question(`${question}: `)).trim() || (offered ?? '');
    }
    return ok(answers);
  } finally {
    lines.close();
  }
}

const pick = (options: InitOptions): Partial<Record<Asked, string>> =>
  Object.fromEntries(
    (Object.keys(questions) as Asked[]).flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );

function answersOf(options: InitOptions, asked: Record<Asked, string>): Result<Answers, 'USAGE'> {
  const A = readNetwork('A', asked.networkA);
  if (!A.ok) return A;
  const B = readNetwork('B', asked.networkB);
  if (!B.ok) return B;
  const networks = { A: A.value, B: B.value };
  const boards = readBoards(asked.boards, networks);
  if (!boards.ok) return boards;
  const number = options.number === undefined ? randomInt(1, 2 ** 32) : Number(options.number);
  const splitBrain = options.splitBrain === true;
  const named = options.votes?.split(',').map((name) => name.trim());
  const stranger = named?.find((name) => boards.value.every((board) => board.name !== name));
  if (stranger !== undefined) return fail('USAGE', `--votes: there is no board "${stranger}"`);
  const votes = named ?? voters(boards.value, splitBrain);
  return ok({ name: asked.name, number, networks, boards: boards.value, votes, splitBrain });
}

const proposed = ({ legs, boards }: Seen): Partial<Record<Asked, string>> => ({
  networkA: networkFlag(legs.A),
  networkB: networkFlag(legs.B),
  boards: boardsFlag(boards),
});

/** `softset init --from-network` where nobody can be asked: what was seen, and the line that would write it. */
function tellSeen(seen: Seen, { json, name }: InitOptions): number {
  const { networkA, networkB, boards } = proposed(seen);
  if (json === true) print(JSON.stringify({ networkA, networkB, boards: seen.boards, half: seen.half }));
  else {
    const networks = `--network-a ${networkA} --network-b ${networkB}`;
    const line = `  softset init --name ${name ?? 'NAME'} ${networks} --boards ${boards}`;
    print(
      [
        ...seenLines(seen),
        '',
        'nothing was written; strike what is no board, give names and roles, and run',
        line,
      ].join('\n'),
    );
  }
  return exitCodes.done;
}

function seenLines({ boards, half, asked, legs }: Seen): string[] {
  const [own, ...others] = boards;
  return [
    `this board: ${own?.name}, ${legs.A.address} on ${legs.A.device}, ${legs.B.address} on ${legs.B.device}`,
    `${others.length} answered on both networks, of ${asked} addresses that were asked`,
    ...others.map(({ name, A, B }) => `  ${name}  ${A}  ${B}`),
    ...half.map(({ network, ip }) => `  ${ip} answered on network ${network} alone, and is not proposed`),
  ];
}

/** All of it or nothing: a key without its file would only be in the way. */
function write(dir: string, paths: { readonly cluster: string; readonly key: string }, text: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o750 });
  const account = process.getuid?.() === 0 ? accountOf() : undefined;
  try {
    writeFileSync(paths.key, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    writeFileSync(paths.cluster, text, { mode: 0o640, flag: 'wx' });
    chmodSync(paths.cluster, 0o640);
    if (account === undefined) return;
    // The key is the daemons' own; the file is the operator's, and theirs to read.
    chownSync(paths.key, account.uid, account.gid);
    chownSync(paths.cluster, 0, account.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      for (const path of Object.values(paths)) rmSync(path, { force: true });
    throw error;
  }
}

function nextSteps(
  paths: { readonly cluster: string; readonly key: string },
  boards: number,
  votes: readonly string[],
): string[] {
  return [
    `wrote ${paths.cluster} (${boards} boards; ${votes.join(', ')} vote) and ${paths.key}`,
    '',
    'next, on every board:',
    '  copy both files there, with owners and modes',
    '  softset doctor                   what is wrong, and what to do about it',
    '  softset form                     makes the board a member, once',
    '  systemctl start softset.target',
  ];
}
