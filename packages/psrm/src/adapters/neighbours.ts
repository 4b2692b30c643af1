import { join } from 'node:path';
import { ok } from '@softset/base';
import { connectControl } from '@softset/client';
import type {
  Alarm,
  NetrackMethods,
  NetrackState,
  NetrackTopics,
  ProgramFact,
  ProgramStatus,
  PulseMessage,
  PulseRequest,
} from '@softset/protocol';
import { nowMs } from '@softset/runtime/now-ms.js';
import { PulseLink } from '@softset/runtime/pulse-link.js';

/** The whole list again, in case netrackd lost it. */
const reportMs = 1000;
/** So long a change of an alarm is told again each second: netrackd may just be losing the one before it. */
const repeatMs = 10_000;
/** A beat's liveness bit stands for a second: four chances, and one to spare. */
const aliveMs = 200;
/** A pulse that returns hears of psrmd before it would miss it. */
const comeBackMs = 250;

export interface Reports {
  readonly status: () => readonly ProgramStatus[];
  /** Of all conditions that psrmd knows, those that do not stand `cleared`: idempotent at netrackd's. */
  readonly alarms: () => readonly Alarm[];
  /** Whether `onServices` is of use to anybody. */
  readonly needsRoles: () => boolean;
  /** The services that this board holds, whenever netrackd's word of that changes. */
  readonly onServices: (services: ReadonlySet<string>) => void;
}

/**
 * Tells netrackd what the programs do: the whole list on each change, each second, and whenever netrackd returns
 * (002 ¶0029). Lost messages do no harm. Returns what ends it.
 */
export function reportTo(runDir: string, reports: Reports): { changed(): void; close(): void } {
  const { status, alarms, needsRoles, onServices } = reports;
  const told = new Map<string, { readonly severity: string; readonly atMs: number }>();
  let subscribed = false;
  const tell = (): void => {
    if (!netrackd.connected) return;
    const programs = status().map(
      ({ program, state, sinceMs, restarts }): ProgramFact => ({ program, state, sinceMs, restarts }),
    );
    // A refusal or a loss is mended by the next report.
    void netrackd.call('programs', { programs }, { timeoutMs: reportMs });
    for (const alarm of alarms()) {
      const key = `${alarm.object} ${alarm.cause}`;
      const last = told.get(key);
      const same = last?.severity === alarm.severity;
      if (same && nowMs() - last.atMs > repeatMs) continue;
      // Most are cleared since ever: nothing can be lost of those.
      if (!same)
        told.set(key, {
          severity: alarm.severity,
          atMs: last || alarm.severity !== 'cleared' ? nowMs() : Number.NEGATIVE_INFINITY,
        });
      void netrackd.call('alarm', { alarm }, { timeoutMs: reportMs });
    }
    // Its state is large, and changes often: not for psrmds that nothing follows from it for.
    if (subscribed || !needsRoles()) return;
    subscribed = true;
    const hear = (state: NetrackState | null): void => {
      if (state) onServices(heldBy(state));
    };
    netrackd.subscribe('state', hear, hear);
  };
  const netrackd = connectControl<NetrackMethods, NetrackTopics>(join(runDir, 'netrackd.sock'), {
    name: 'psrmd',
    onUp: () => {
      told.clear();
      tell();
    },
  });
  const timer = setInterval(tell, reportMs);
  return {
    changed: tell,
    close: () => {
      clearInterval(timer);
      netrackd.close();
    },
  };
}

/** A service that is silent, free or unknown has no active copy that anybody could vouch for. */
function heldBy({ board, services }: NetrackState): ReadonlySet<string> {
  const held = services.filter(
    ({ phase, holder }) => holder?.board === board && (phase === 'held' || phase === 'moving'),
  );
  return new Set(held.map(({ service }) => service));
}

/** Checks in with the pulse from this loop, so that a psrmd that hangs is seen to. Returns what ends it. */
export function checkIn(runDir: string): () => void {
  // Only while somebody hears it: what wakes psrmd for nothing costs more than all that it does.
  let timer: NodeJS.Timeout | undefined;
  const pulse = new PulseLink<PulseRequest, PulseMessage>({
    path: join(runDir, 'pulse.sock'),
    decode: (value) => ok(value as PulseMessage), // Nothing that it says is used here.
    onMessage: () => {},
    onUp: () => {
      pulse.send({ kind: 'hello', daemon: 'psrmd' });
      timer = setInterval(() => void pulse.send({ kind: 'alive' }), aliveMs);
    },
    onDown: () => clearInterval(timer),
    retryMsMax: comeBackMs,
  });
  return () => {
    clearInterval(timer);
    pulse.close();
  };
}
