import { join } from 'node:path';
import { ok, type Result } from '@softset/base';
import { cgroupName } from '@softset/linux/cgroup.js';
import { signalOnInput } from '@softset/linux/input-signal.js';
import { type Notification, openNotifyServer } from '@softset/linux/unix-dgram.js';
import type { Owner } from './mark.js';

/** A turn of the loop takes no more messages than this: a program that floods must not keep psrmd from the others. */
const messagesMax = 256;
/** SIGIO is told once for many; in case one got lost, and for what a turn left over, it is looked at so often. */
const lookMs = 250;

export interface NotifySocket {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  close(): void;
}

/**
 * Where programs speak sd_notify(3), each message with its sender as the kernel vouches for it. The name is the same in
 * every life of psrmd, so a program that goes on running is heard by the next. `abstract`: for programs of another user,
 * which cannot reach into the run directory; everybody on the machine can then send, and is not believed.
 */
export function openNotifySocket(
  owner: Owner,
  abstract: boolean,
  onMessage: (message: Notification) => void,
): Result<NotifySocket> {
  const path = abstract ? `@${cgroupName(owner.board, owner.runDir)}` : join(owner.runDir, 'psrmd.notify');
  const opened = openNotifyServer(path, 0o666);
  if (!opened.ok) return opened;
  const server = opened.value;
  const drain = (): void => {
    for (let count = 0; count < messagesMax; count++) {
      const message = server.receive();
      if (message === undefined) return;
      onMessage(message);
    }
  };
  process.on('SIGIO', drain);
  const asked = signalOnInput(server.fd);
  const timer = setInterval(drain, lookMs);
  const close = (): void => {
    clearInterval(timer);
    server.close();
    // Only now: a SIGIO that nobody listens to would end the process.
    process.off('SIGIO', drain);
  };
  if (asked.ok) return ok({ path, close });
  close();
  return asked;
}
