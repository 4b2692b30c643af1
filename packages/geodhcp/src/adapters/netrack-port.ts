import { join } from 'node:path';
import { connectControl } from '@softset/client/control-client.js';
import type { Alarm, NetrackMethods, NetrackState, NetrackTopics } from '@softset/protocol';

/** Alarms that wait for netrackd; beyond it the oldest goes. */
const ALARMS_MAX = 64;
const ALARM_RETRY_MS = 500;

export interface NetrackPort {
  alarm(alarm: Alarm): void;
  close(): void;
}

/** What geoDHCP needs of netrackd: who directs, and a way for alarms into the register. */
export function netrackPort(runDir: string, onState: (state: NetrackState | undefined) => void): NetrackPort {
  /** By object and cause: a later word about the same thing replaces the earlier. */
  const alarms = new Map<string, Alarm>();
  const send = (): void => {
    if (!netrackd.connected) return;
    for (const [key, alarm] of alarms) {
      void netrackd.call('alarm', { alarm }).then((answer) => {
        if (answer.ok && alarms.get(key) === alarm) alarms.delete(key);
      });
    }
  };
  const netrackd = connectControl<NetrackMethods, NetrackTopics>(join(runDir, 'netrackd.sock'), {
    name: 'geodhcpd',
    onUp: send,
    onDown: () => onState(undefined),
  });
  netrackd.subscribe('state', (state) => state !== null && onState(state), onState);
  const timer = setInterval(send, ALARM_RETRY_MS).unref();
  return {
    alarm: (alarm) => {
      const key = `${alarm.object} ${alarm.cause}`;
      alarms.delete(key);
      alarms.set(key, alarm);
      const [oldest] = alarms.keys();
      if (alarms.size > ALARMS_MAX && oldest !== undefined) alarms.delete(oldest);
      send();
    },
    close: () => {
      clearInterval(timer);
      netrackd.close();
    },
  };
}
