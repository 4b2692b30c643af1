import { join } from 'node:path';
import type { Result } from '@softset/base';
import { type ControlClient, connectControl } from '@softset/client/control-client.js';
import type { PsrmMethods } from '@softset/protocol';

/** psrmd's control socket. A board without programs has no psrmd, so it is opened only when it is needed. */
export class PsrmPort {
  readonly #path: string;
  #client: ControlClient<PsrmMethods, Record<never, never>> | undefined;

  constructor(runDir: string) {
    this.#path = join(runDir, 'psrmd.sock');
  }

  /** Connects ahead of the first order. */
  open(): void {
    this.#client ??= connectControl(this.#path, { name: 'redirectd' });
  }

  /** `stop` is answered when the program is gone. Errors: `UNKNOWN_PROGRAM`, `NOT_STOPPED`, `NOT_CONNECTED`, `TIMEOUT`. */
  call(want: 'start' | 'stop' | 'restart', program: string, timeoutMs: number): Promise<Result<unknown>> {
    this.open();
    const client = this.#client;
    if (client === undefined) throw new Error('open makes a client');
    return client.call(want, { program }, { timeoutMs });
  }

  close(): void {
    this.#client?.close();
  }
}
