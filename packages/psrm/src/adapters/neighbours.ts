import { join } from 'node:path';
import { ok, type Result } from '@softset/base';
import { connectControl } from '@softset/client';
import type {
  Alarm,
  NetrackMethods,
  NetrackState,
  NetrackTopics,
  ProgramFact,
  ProgramStatus,
  ProgramWish,
  PulseMessage,
  PulseRequest,
} from '@softset/protocol';
import { nowMs } from '@softset/runtime/now-ms.js';
import { PulseLink } from '@softset/runtime/pulse-link.js';
import { atTick, onTicks } from '../shared-tick.js';

/** What was not heard is told again so much later, and so long is an answer waited for. */
const reportMs = 1000;
/** The whole list again, though all was heard: a netrackd that begins anew is told at once, so this is for bugs. */
const calmMs = 30_000;
/** So long a change of an alarm is told again each second: netrackd may just be losing the one before it. */
const repeatMs = 10_000;
/** A beat's liveness bit stands for a second: three chances, and one to spare. At the ticks that slow probes share. */
const aliveMs = 256;
/** A pulse or netrackd that was away for long hears of psrmd so soon; who looks for them more often wakes for nothing. */
const comeBackMs = 1024;

const DONE = {
  start: (program: string) => `${program} is wanted, and is being started`,
  stop: (program: string) => `${program} is stopped`,
  restart: (program: string) => `${program} is restarted`,
} as const;

export interface Reports {
  readonly status: () => readonly ProgramStatus[];
  /** Of all conditions that psrmd knows, those that do not stand `cleared`: idempotent at netrackd's. */
  readonly alarms: () => readonly Alarm[];
  /** Whether `onServices` is of use to anybody. */
  readonly needsRoles: () => boolean;
  /** The services that this board holds, whenever netrackd's word of that changes. */
  readonly onServices: (services: ReadonlySet<string>) => void;
  /** What an operator ordered on another board; what came of it goes back there. */
  readonly onOrder: (order: ProgramWish) => Promise<Result<void>>;
}

/**
 * Tells netrackd what the programs do: the whole list on each change, until it was heard, and whenever netrackd returns
 * (002 ¶0029). Lost messages do no harm. Returns what ends it.
 */
export function reportTo(runDir: string, reports: Reports): { changed(): void; close(): void } {
  const { status, alarms, needsRoles, onServices, onOrder } = reports;
  const told = new Map<string, { readonly severity: string; readonly atMs: number }>();
  let subscribed = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = 0;
  const tell = (): void => {
    if (!netrackd.connected) return;
    const mine = ++turn;
    tellAgain(reportMs);
    const programs = status().map(
      ({ program, state, sinceMs, restarts }): ProgramFact => ({ program, state, sinceMs, restarts }),
    );
    let repeats = false;
    for (const alarm of alarms()) {
      const key = `${alarm.object} ${alarm.cause}`;
      const last = told.get(key);
      const same = last?.severity === alarm.severity;
      if (same && nowMs() - last.atMs > repeatMs) continue;
      repeats ||= last !== undefined || alarm.severity !== 'cleared';
      // Most are cleared since ever: nothing can be lost of those.
      if (!same)
        told.set(key, {
          severity: alarm.severity,
          atMs: last || alarm.severity !== 'cleared' ? nowMs() : Number.NEGATIVE_INFINITY,
        });
      void netrackd.call('alarm', { alarm }, { timeoutMs: reportMs });
    }
    // A refusal or a loss is mended by the next report.
    void netrackd.call('programs', { programs }, { timeoutMs: reportMs }).then(({ ok: heard }) => {
      if (heard && !repeats && mine === turn) tellAgain(calmMs);
    });
    // Its state is large, and changes often: not for psrmds that nothing follows from it for.
    if (subscribed || !needsRoles()) return;
    subscribed = true;
    const hear = (state: NetrackState | null): void => {
      if (state) onServices(heldBy(state));
    };
    netrackd.subscribe('state', hear, hear);
  };
  const tellAgain = (afterMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(tell, afterMs);
  };
  const netrackd = connectControl<NetrackMethods, NetrackTopics>(join(runDir, 'netrackd.sock'), {
    name: 'psrmd',
    retry: { minMs: 5, maxMs: comeBackMs },
    later: atTick,
    onUp: () => {
      told.clear();
      tell();
    },
  });
  const perform = async (order: ProgramWish): Promise<void> => {
    const done = await onOrder(order);
    const message = done.ok ? DONE[order.order](order.program) : done.message;
    void netrackd.call('wished', { id: order.id, ok: done.ok, message });
  };
  netrackd.subscribe(
    'programWishes',
    () => {},
    (order) => void perform(order),
  );
  return {
    changed: tell,
    close: () => {
      turn++;
      netrackd.close();
      clearTimeout(timer);
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
  let end = (): void => {};
  const pulse = new PulseLink<PulseRequest, PulseMessage>({
    path: join(runDir, 'pulse.sock'),
    decode: (value) => ok(value as PulseMessage), // Nothing that it says is used here.
    onMessage: () => {},
    onUp: () => {
      pulse.send({ kind: 'hello', daemon: 'psrmd' });
      end = onTicks(aliveMs, () => void pulse.send({ kind: 'alive' }));
    },
    onDown: () => end(),
    retryMsMax: comeBackMs,
    later: atTick,
  });
  return () => {
    end();
    pulse.close();
  };
}
