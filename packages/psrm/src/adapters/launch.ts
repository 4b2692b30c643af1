import { fail, ok, type Result } from '@softset/base';
import { findGroup, findUser } from '@softset/linux/accounts.js';
import type { Program } from '@softset/protocol';
import { tool } from './tools.js';

/** What is asked for beside the command itself. */
export interface Launch {
  readonly command: readonly string[];
  readonly limits: Program['limits'];
  readonly run: Program['run'];
  /** Cgroups to enter before the program's first instruction: what it uses is counted from there on. */
  readonly enter: readonly string[];
  /** No cgroup bounds its memory: its address space is bounded. */
  readonly boundAddresses: boolean;
}

/**
 * The command with the tools in front of it that make it run as it should, each of which execs the next: what must hold
 * from the first instruction cannot be done from outside, and costs a millisecond only those who ask for it. Errors:
 * `UNKNOWN_USER`, `UNKNOWN_GROUP`, `NOT_PERMITTED` (another user, and psrmd is not root), `TOOL_MISSING`.
 */
export function launchCommand(launch: Launch): Result<readonly string[]> {
  const words: string[] = [];
  for (const part of [enter(launch), resources(launch), schedule(launch), identity(launch)]) {
    if (!part.ok) return part;
    words.push(...part.value);
  }
  return ok([...words, ...launch.command]);
}

type Words = Result<readonly string[]>;
const nothing: Words = ok([]);

function enter({ enter: groups }: Launch): Words {
  if (groups.length === 0) return nothing;
  const script = groups.map((path) => `echo 0 >${quoted(`${path}/cgroup.procs`)} && `).join('');
  return ok(['/bin/sh', '-c', `${script}exec "$@"`, 'sh']);
}

/** For sh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function resources({ limits, boundAddresses }: Launch): Words {
  const options: string[] = [];
  if (limits?.files !== undefined) options.push(`--nofile=${limits.files}`);
  if (limits?.coreBytes !== undefined) options.push(`--core=${limits.coreBytes}`);
  if (limits?.processes !== undefined) options.push(`--nproc=${limits.processes}`);
  if (limits?.memoryBytes !== undefined && boundAddresses) options.push(`--as=${limits.memoryBytes}`);
  return options.length === 0 ? nothing : withTool('prlimit', [...options, '--']);
}

function schedule({ run }: Launch): Words {
  const words: string[] = [];
  const parts: Words[] = [];
  if (run?.nice !== undefined) parts.push(withTool('nice', ['-n', String(run.nice)]));
  if (run?.cpus !== undefined) parts.push(withTool('taskset', ['-c', run.cpus]));
  if (run?.realTime !== undefined) parts.push(withTool('chrt', ['--rr', String(run.realTime)]));
  for (const part of parts) {
    if (!part.ok) return part;
    words.push(...part.value);
  }
  return ok(words);
}

function withTool(name: string, options: readonly string[]): Words {
  const path = tool(name);
  return path.ok ? ok([path.value, ...options]) : path;
}

/** Last of all: who it becomes may have no right to do the rest. */
function identity({ run }: Launch): Words {
  const options: string[] = [];
  if (run?.user !== undefined || run?.group !== undefined || run?.groups !== undefined) {
    const who = become(run);
    if (!who.ok) return who;
    options.push(...who.value);
  }
  if (run?.capabilities !== undefined) {
    const kept = ['-all', ...run.capabilities.map((name) => `+${name}`)].join(',');
    options.push(`--bounding-set=${kept}`, `--inh-caps=${kept}`, `--ambient-caps=${kept}`);
  }
  return options.length === 0 ? nothing : withTool('setpriv', [...options, '--']);
}

function become({ user, group, groups }: NonNullable<Program['run']>): Words {
  if (process.getuid?.() !== 0) return fail('NOT_PERMITTED', 'psrmd is not root, so it cannot run it as somebody else');
  const account = user === undefined ? undefined : findUser(user);
  if (user !== undefined && account === undefined) return fail('UNKNOWN_USER', `there is no user "${user}"`);
  const options: string[] = account === undefined ? [] : [`--reuid=${account.uid}`];
  const gid = group === undefined ? account?.gid : findGroup(group);
  if (group !== undefined && gid === undefined) return fail('UNKNOWN_GROUP', `there is no group "${group}"`);
  if (gid !== undefined) options.push(`--regid=${gid}`);
  const gids: number[] = [];
  for (const name of groups ?? []) {
    const number = findGroup(name);
    if (number === undefined) return fail('UNKNOWN_GROUP', `there is no group "${name}"`);
    gids.push(number);
  }
  if (gids.length > 0) options.push(`--groups=${gids.join(',')}`);
  else options.push(groups === undefined && account?.gid !== undefined ? '--init-groups' : '--clear-groups');
  return ok(options);
}
