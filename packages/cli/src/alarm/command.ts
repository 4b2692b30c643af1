import { netrackClient } from '@softset/client';
import type { Alarm, NetrackState } from '@softset/protocol';
import { alarmGuide } from '@softset/protocol/alarms.js';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { gather } from '../status/gather.js';
import { width } from '../status/render.js';
import { duration, wrap } from '../status/words.js';
import { type TargetOptions, targetsOf } from '../targets.js';
import { adviceOn, plain } from './advice.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset', retry: 'none' } as const;
/** A clear is answered when a majority has it. */
const CLEAR_MS = 15_000;
const severities: readonly Alarm['severity'][] = ['critical', 'major', 'minor', 'warning', 'cleared'];

/** `softset alarm list`: exit 0 whatever stands, for it could be told. */
export async function alarmListCommand(options: Options): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const { state } = best.value;
  const alarms = [...state.alarms].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  if (options.json) print(JSON.stringify(alarms, undefined, 2));
  else print(alarmLines(alarms, state, Date.now()).join('\n'));
  return exitCodes.done;
}

/** 80 columns; below each alarm, behind an arrow, what to do. */
export function alarmLines(alarms: readonly Alarm[], { boards }: NetrackState, wallMs: number): string[] {
  if (alarms.length === 0) return ['no alarms'];
  return alarms.flatMap((alarm, i) => {
    const { cause, object, severity, text, raisedAtMs, raisedBy } = alarm;
    const by = boards.find(({ board }) => board === raisedBy)?.name;
    // By the clock of the board that raised it; what netrackd's core raises has no time of the wall.
    const since = raisedAtMs === 0 ? '' : `, since ${duration(wallMs - raisedAtMs)}`;
    const head = `${severity} ${cause} of ${object}${since}${by === undefined ? '' : `, seen by ${by}`}`;
    const lines = [...indented(text), ...indented(`-> ${adviceOn(alarm)}`, 3)];
    return [...(i === 0 ? [] : ['']), ...wrap(head, width), ...lines];
  });
}

const indented = (text: string, hanging = 0): string[] => wrap(text, width - 2, hanging).map((line) => `  ${line}`);

/** `softset alarm explain [CAUSE]`: asks nobody. */
export function alarmExplainCommand(cause: string | undefined, options: Pick<Options, 'json'>): number {
  const known = Object.entries(alarmGuide);
  const wanted = cause === undefined ? known : known.filter(([name]) => name === cause.toUpperCase());
  if (wanted.length === 0) {
    const message = `the daemons raise no alarm ${cause}: a rule of yours may; softset why rule NAME tells`;
    return refuse({ code: 'UNKNOWN_ALARM', message }, 'softset alarm explain has all of them');
  }
  if (options.json) print(JSON.stringify(Object.fromEntries(wanted), undefined, 2));
  else
    for (const [name, { what, todo }] of wanted)
      print([name, ...indented(plain(what)), ...indented(`-> ${plain(todo)}`, 3)].join('\n'));
  return exitCodes.done;
}

/** `softset alarm clear CAUSE [OBJECT]`: the director takes it off the register. */
export async function alarmClearCommand(cause: string, object: string | undefined, options: Options): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const standing = best.value.state.alarms.filter((one) => one.cause === cause).map((one) => one.object);
  const only = object ?? (standing.length === 1 ? standing[0] : undefined);
  if (only === undefined) {
    const message =
      standing.length === 0 ? `no alarm ${cause} stands` : `${cause} stands for ${standing.join(', ')}: say for which`;
    return refuse({ code: standing.length === 0 ? 'NO_ALARM' : 'USAGE', message });
  }
  const client = netrackClient(best.value.from.runDir, once);
  try {
    const ready = await client.ready();
    if (!ready.ok) return refuse(ready);
    const wish = { kind: 'alarm-clear', object: only, cause } as const;
    const answer = await client.call('wish', wish, { timeoutMs: CLEAR_MS });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify(answer.value) : answer.value.message);
    return exitCodes.done;
  } finally {
    client.close();
  }
}
