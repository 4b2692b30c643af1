import { constants } from 'node:os';
import { ok, type Result } from '@softset/base';
import { EINTR, errnoFailure, lastErrno, lastFailure } from './errno.js';
import { declare } from './libc.js';

type Argv = readonly (string | null)[];
const posixSpawn = declare<
  (pid: Uint8Array, file: string, actions: Uint8Array, attributes: Uint8Array, argv: Argv, envp: Argv) => number
>(
  'int posix_spawn(void *pid, const char *file, const void *actions, const void *attributes, const char **argv, const char **envp)',
);
const actionsInit = declare<(actions: Uint8Array) => number>('int posix_spawn_file_actions_init(void *actions)');
const actionsDestroy = declare<(actions: Uint8Array) => number>('int posix_spawn_file_actions_destroy(void *actions)');
const addDup2 = declare<(actions: Uint8Array, from: number, to: number) => number>(
  'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
);
const addOpen = declare<(actions: Uint8Array, fd: number, path: string, flags: number, mode: number) => number>(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, unsigned int mode)',
);
const addChdir = declare<(actions: Uint8Array, path: string) => number>(
  'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
);
const attributesInit = declare<(attributes: Uint8Array) => number>('int posix_spawnattr_init(void *attributes)');
const setFlags = declare<(attributes: Uint8Array, flags: number) => number>(
  'int posix_spawnattr_setflags(void *attributes, short flags)',
);
const setMask = declare<(attributes: Uint8Array, set: Uint8Array) => number>(
  'int posix_spawnattr_setsigmask(void *attributes, const void *set)',
);
const setDefault = declare<(attributes: Uint8Array, set: Uint8Array) => number>(
  'int posix_spawnattr_setsigdefault(void *attributes, const void *set)',
);
const prctl = declare<(option: number, value: number, b: number, c: number, d: number) => number>(
  'int prctl(int option, unsigned long value, unsigned long b, unsigned long c, unsigned long d)',
);
const PR_SET_CHILD_SUBREAPER = 36;
const waitpid = declare<(pid: number, status: Uint8Array, options: number) => number>(
  'int waitpid(int pid, void *status, int options)',
);

/** More than posix_spawnattr_t (336) and posix_spawn_file_actions_t (80) take, in glibc and in musl. */
const OPAQUE_BYTES = 512;
/** <spawn.h>; the last since glibc 2.26 and musl 1.1.17. */
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const SIGSET_BYTES = 128;
const WNOHANG = 1;
const O_RDONLY = 0;

export interface ChildSpec {
  /** Absolute path. */
  readonly file: string;
  /** With the name that it is called by in front (`argv[0]`). */
  readonly args: readonly string[];
  /** `NAME=value` each; nothing else is inherited. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  /** Standard output and error; standard input is /dev/null. */
  readonly output: number;
}

// Every signal at its default. With the two that the C library keeps for itself (32 and 33): what is left out of those,
// posix_spawn(3) of glibc has the program ignore.
const allSignals = new Uint8Array(SIGSET_BYTES).fill(0xff, 0, 8);
const noSignals = new Uint8Array(SIGSET_BYTES);

/** One set of attributes for all: they say nothing of the child. */
const attributes = new Uint8Array(OPAQUE_BYTES);
attributesInit(attributes);
setFlags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
setMask(attributes, noSignals);
setDefault(attributes, allSignals);

/**
 * Starts a program in a session and process group of its own by posix_spawn(3), which shares this process's memory until
 * the child's execve(2): fork(2), which Node's own spawn uses, copies the page tables first, 0.6 ms at 50 MB and 8 ms at
 * 320. Returns the pid. Whoever calls this has to take note of the end (`reapChild`, on SIGCHLD). Errors: errno's names,
 * those of execve(2) and chdir(2) of the child among them; `EINVAL` for a text with a zero byte.
 */
export function spawnChild({ file, args, environment, directory, output }: ChildSpec): Result<number> {
  const zero = [file, directory, ...args, ...environment].find((text) => text.includes('\0'));
  if (zero !== undefined) return errnoFailure(`posix_spawn(${file})`, constants.errno.EINVAL, 'a text has a zero byte');
  const actions = new Uint8Array(OPAQUE_BYTES);
  actionsInit(actions);
  try {
    const errno =
      addOpen(actions, 0, '/dev/null', O_RDONLY, 0) ||
      addDup2(actions, output, 1) ||
      addDup2(actions, output, 2) ||
      addChdir(actions, directory) ||
      0;
    if (errno !== 0) return errnoFailure(`posix_spawn(${file})`, errno);
    const pid = new Int32Array(1);
    const failed = posixSpawn(
      new Uint8Array(pid.buffer),
      file,
      actions,
      attributes,
      [...args, null],
      [...environment, null],
    );
    return failed === 0 ? ok(pid[0] ?? 0) : errnoFailure(`posix_spawn(${file})`, failed);
  } finally {
    actionsDestroy(actions);
  }
}

/** How a child ended (wait(2)). `core`: the kernel wrote a core dump, or piped one to a program. */
export type ChildEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string; readonly core: boolean };

const signalNames = new Map<number, string>(Object.entries(constants.signals).map(([name, number]) => [number, name]));
signalNames.set(constants.signals.SIGABRT, 'SIGABRT'); // SIGIOT shares its number, SIGPOLL SIGIO's.
signalNames.set(constants.signals.SIGIO, 'SIGIO');

export interface Reaped {
  readonly pid: number;
  readonly end: ChildEnd;
}

/**
 * Takes note of the end of one child (`pid`: of this one only), each once; undefined when none has ended. Without `pid`
 * it must be the only one in its process to do so: children of node:child_process would lose their 'exit' to it.
 */
export function reapChild(pid = -1): Reaped | undefined {
  const status = new Int32Array(1);
  for (;;) {
    const found = waitpid(pid, new Uint8Array(status.buffer), WNOHANG);
    if (found > 0) return { pid: found, end: decodeWaitStatus(status[0] ?? 0) };
    if (found === 0 || lastErrno() !== EINTR) return undefined; // ECHILD: there is none.
  }
}

/**
 * From now on a descendant whose parent has ended becomes a child of this process, and not of init's: its end can be
 * taken note of (prctl(2), PR_SET_CHILD_SUBREAPER). Not inherited by children.
 */
export function becomeSubreaper(): Result<void> {
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? lastFailure('prctl(PR_SET_CHILD_SUBREAPER)') : ok(undefined);
}

/** Pure. The macros of <sys/wait.h>: WIFEXITED, WEXITSTATUS, WTERMSIG, WCOREDUMP. */
export function decodeWaitStatus(status: number): ChildEnd {
  const number = status & 0x7f;
  if (number === 0) return { kind: 'exit', code: (status >> 8) & 0xff };
  return { kind: 'signal', signal: signalNames.get(number) ?? `SIG${number}`, core: (status & 0x80) !== 0 };
}
