import { join } from 'node:path';
import { ok } from '@softset/base';
import type { PulseMessage, PulseReport, PulseRequest } from '@softset/protocol';
import { PulseLink } from '@softset/runtime/pulse-link.js';

/** What a board's pulse says of itself now: a newcomer at its socket is greeted with a report. */
export async function pulseReport(runDir: string): Promise<PulseReport> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      link.close();
      reject(new Error(`no report of the pulse in ${runDir}`));
    }, 5_000);
    const link = new PulseLink<PulseRequest, PulseMessage>({
      path: join(runDir, 'pulse.sock'),
      decode: (value) => ok(value as PulseMessage),
      onMessage: (message) => {
        if (message.kind !== 'report') return;
        clearTimeout(late);
        link.close();
        resolve(message.report);
      },
      onUp: () => void link.send({ kind: 'hello', daemon: 'watch' }),
      onDown: () => {},
    });
  });
}
