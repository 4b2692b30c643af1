import type { Result } from '@softset/base';

export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What the shell needs of the kernel beyond Node. A port, so that a test may bring its own. */
export interface Kernel {
  /** SO_PEERCRED of a connected UNIX socket (unix(7)). Errors: errno's names. */
  peerCredentials(fd: number): Result<Credentials>;
  /** flock(2), exclusive, not waiting; ends with the process. Error: `LOCKED`, or errno's names. */
  lockFile(path: string): Result<{ release(): void }>;
  /** sd_notify(3) to NOTIFY_SOCKET. Errors: errno's names. */
  notify(state: string): Result<void>;
}

/** Loaded when first needed: the FFI costs tens of ms, which `--help` and `--version` need not pay. */
export async function linuxKernel(): Promise<Kernel> {
  const [{ peerCredentials }, { lockFile }, { notify }] = await Promise.all([
    import('@softset/linux/peer-credentials.js'),
    import('@softset/linux/file-lock.js'),
    import('@softset/linux/unix-dgram.js'),
  ]);
  return { peerCredentials, lockFile, notify };
}
