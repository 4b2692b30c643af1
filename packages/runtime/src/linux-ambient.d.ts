declare module '@softset/linux/peer-credentials.js' {
  export function peerCredentials(
    fd: number,
  ): import('@softset/base').Result<{ readonly pid: number; readonly uid: number; readonly gid: number }>;
}
declare module '@softset/linux/file-lock.js' {
  export function lockFile(path: string): import('@softset/base').Result<{ release(): void }>;
}
declare module '@softset/linux/unix-dgram.js' {
  export function notify(state: string): import('@softset/base').Result<void>;
}
