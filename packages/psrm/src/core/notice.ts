import type { Notice } from './events.js';

/** Longer ones are cut: a status is a line for people. */
const saysMax = 256;

/** A decoded message, and what concerns the process rather than the state machine. */
export interface Heard {
  readonly notice: Notice;
  /** MAINPID=: who is the program from now on, if it belongs to it. */
  readonly mainPid?: number;
}

/**
 * Total: an unknown assignment is passed over, and so is one whose value is not what sd_notify(3) says, for newer
 * programs talk to older supervisors. `WATCHDOG_USEC` and `EXTEND_TIMEOUT_USEC` come in µs. Two are our own, and begin
 * with X_ as sd_notify(3) asks: `X_SOFTSET_HEALTH=ok` or what is wrong, and `X_SOFTSET_ASK=restart` or `move`.
 */
export function decodeNotice(text: string): Heard {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1));
  }
  const flag = (name: string): boolean => fields.get(name) === '1';
  const says = fields.get('STATUS');
  const watchdog = flag('WATCHDOG') ? 'alive' : fields.get('WATCHDOG') === 'trigger' ? 'trigger' : undefined;
  const watchdogMs = milliseconds(fields.get('WATCHDOG_USEC'));
  const extendMs = milliseconds(fields.get('EXTEND_TIMEOUT_USEC'));
  const mainPid = wholeNumber(fields.get('MAINPID'));
  const health = fields.get('X_SOFTSET_HEALTH');
  const ask = fields.get('X_SOFTSET_ASK');
  return {
    notice: {
      ...(flag('READY') ? { ready: true } : {}),
      ...(flag('RELOADING') ? { reloading: true } : {}),
      ...(flag('STOPPING') ? { stopping: true } : {}),
      ...(says === undefined ? {} : { says: printable(says) }),
      ...(watchdog === undefined ? {} : { watchdog }),
      ...(watchdogMs === undefined ? {} : { watchdogMs }),
      ...(extendMs === undefined ? {} : { extendMs }),
      ...(health === undefined ? {} : { ailment: health === 'ok' ? '' : printable(health) }),
      ...(ask === 'restart' || ask === 'move' ? { ask } : {}),
    },
    ...(mainPid === undefined || mainPid < 2 ? {} : { mainPid }),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function milliseconds(text: string | undefined): number | undefined {
  const microseconds = wholeNumber(text);
  return microseconds === undefined ? undefined : microseconds / 1000;
}

/** It goes to terminals and logs. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').slice(0, saysMax);
}
