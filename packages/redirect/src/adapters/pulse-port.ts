import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { PulseMessage, PulseRequest } from '@softset/protocol';
import { PulseLink } from '@softset/runtime/pulse-link.js';

/** A fifth of what the pulse allows between two signs of life. */
const ALIVE_MS = 200;

export interface PulseHandlers {
  readonly onMessage: (message: PulseMessage) => void;
  readonly onUp: () => void;
  readonly onDown: () => void;
  readonly onBad: (code: string, message: string) => void;
}

/** The pulse's local socket: requests of the agent, reports, and this daemon's sign of life. */
export class PulsePort {
  readonly #link: PulseLink<PulseRequest, PulseMessage>;
  readonly #alive: NodeJS.Timeout;

  /** `checkIn`: whether this daemon tells that it is well; a passive one does not, so that others take its services. */
  constructor(runDir: string, checkIn: boolean, handlers: PulseHandlers) {
    this.#link = new PulseLink({
      path: join(runDir, 'pulse.sock'),
      decode,
      onMessage: handlers.onMessage,
      onUp: () => {
        this.#link.send({ kind: 'hello', daemon: 'redirectd' });
        if (checkIn) this.#link.send({ kind: 'alive' });
        handlers.onUp();
      },
      onDown: handlers.onDown,
      onBad: (failure) => handlers.onBad(failure.code, failure.message),
    });
    // From the main loop on purpose: one that hangs shall be seen.
    this.#alive = setInterval(() => checkIn && this.#link.up && this.#link.send({ kind: 'alive' }), ALIVE_MS);
  }

  send(request: PulseRequest): Result<void> {
    return this.#link.send(request);
  }

  close(): void {
    clearInterval(this.#alive);
    this.#link.close();
  }
}

/** The pulse is of the same build; only its frame is checked, and a kind that is not known is ignored further on. */
function decode(value: unknown): Result<PulseMessage> {
  const kind = (value as { kind?: unknown } | null)?.kind;
  return typeof kind === 'string' ? ok(value as PulseMessage) : fail('PULSE_MESSAGE', 'a message without a kind');
}
