import { join } from 'node:path';
import { ok } from '@softset/base';
import { connectControl } from '@softset/client';
import type { NetrackMethods, ProgramFact, ProgramStatus, PulseMessage, PulseRequest } from '@softset/protocol';
import { PulseLink } from '@softset/runtime/pulse-link.js';

/** The whole list again, in case netrackd lost it. */
const reportMs = 1000;
/** A beat's liveness bit stands for a second: four chances, and one to spare. */
const aliveMs = 200;

/**
 * Tells netrackd what the programs do: the whole list on each change, each second, and whenever netrackd returns
 * (002 ¶0029). Lost messages do no harm. Returns what ends it.
 */
export function reportTo(runDir: string, status: () => readonly ProgramStatus[]): { changed(): void; close(): void } {
  const tell = (): void => {
    if (!netrackd.connected) return;
    const programs = status().map(
      ({ program, state, sinceMs, restarts }): ProgramFact => ({ program, state, sinceMs, restarts }),
    );
    // A refusal or a loss is mended by the next report.
    void netrackd.call('programs', { programs }, { timeoutMs: reportMs });
  };
  const netrackd = connectControl<NetrackMethods>(join(runDir, 'netrackd.sock'), { name: 'psrmd', onUp: tell });
  const timer = setInterval(tell, reportMs);
  return {
    changed: tell,
    close: () => {
      clearInterval(timer);
      netrackd.close();
    },
  };
}

/** Checks in with the pulse from this loop, so that a psrmd that hangs is seen to. Returns what ends it. */
export function checkIn(runDir: string): () => void {
  const pulse = new PulseLink<PulseRequest, PulseMessage>({
    path: join(runDir, 'pulse.sock'),
    decode: (value) => ok(value as PulseMessage), // Nothing that it says is used here.
    onMessage: () => {},
    onUp: () => void pulse.send({ kind: 'hello', daemon: 'psrmd' }),
    onDown: () => {},
  });
  const timer = setInterval(() => void pulse.send({ kind: 'alive' }), aliveMs);
  return () => {
    clearInterval(timer);
    pulse.close();
  };
}
