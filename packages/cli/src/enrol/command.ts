import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { width } from '../status/render.js';
import { table } from '../status/table.js';
import { duration } from '../status/words.js';
import type { TargetOptions } from '../targets.js';
import { withGeoDhcp } from '../with-geodhcp.js';

type Options = TargetOptions & { readonly json?: boolean };
const hint = 'this goes on the control node, where geodhcpd runs';
const ago = (sinceMs: number): string => duration(Date.now() - sinceMs);

/** `softset enrol list`: who asks to join, and tokens that were made. */
export async function enrolListCommand(options: Options): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await client.call('enrolment', {});
    if (!answer.ok) return refuse(answer);
    const { requests, tokens } = answer.value;
    if (options.json) {
      print(JSON.stringify(answer.value, undefined, 2));
      return exitCodes.done;
    }
    const asked = requests.map((r) => [
      r.code,
      r.state,
      r.board ?? '-',
      r.place ?? '-',
      r.mac,
      r.address,
      r.version,
      ago(r.sinceMs),
    ]);
    const made = tokens.map((t) => [
      t.id,
      t.place,
      t.used === undefined ? 'unused' : `used by ${t.used.mac}, ${ago(t.used.atMs)} ago`,
      t.untilMs > Date.now() ? duration(t.untilMs - Date.now()) : 'over',
    ]);
    if (asked.length + made.length === 0) print('nobody asks to join, and there is no token');
    if (asked.length > 0)
      print(
        table([['CODE', 'STATE', 'BOARD', 'PORT', 'MAC', 'ADDRESS', 'VERSION', 'SINCE'], ...asked], width).join('\n'),
      );
    if (made.length > 0) print(table([['TOKEN', 'PORT', 'USE', 'ENDS IN'], ...made], width).join('\n'));
    return exitCodes.done;
  });
}

/** `softset enrol approve|refuse CODE`. */
export async function enrolDecideCommand(
  decision: 'approve' | 'refuse',
  code: string,
  options: Options,
): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await client.call('enrolDecide', { decision, code });
    if (!answer.ok) return refuse(answer);
    const { board, place, mac } = answer.value;
    const done = decision === 'approve' ? 'approved' : 'refused';
    print(options.json ? JSON.stringify(answer.value) : `${done}: ${mac} at ${place} as ${board}`);
    return exitCodes.done;
  });
}

/** `softset enrol token --port SWITCH:PORT`: on standard output the token alone, so that it can go into a file. */
export async function enrolTokenCommand(
  options: Options & { readonly port: string; readonly minutes: string },
): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const port = options.port.replace(':', '/');
    const answer = await client.call('enrolToken', { port, minutes: Number(options.minutes) });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify(answer.value) : answer.value.token);
    return exitCodes.done;
  });
}

/** `softset enrol revoke ID`. */
export async function enrolRevokeCommand(id: string, options: Options): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await client.call('enrolRevoke', { id });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify({ id }) : `token ${id} is no more`);
    return exitCodes.done;
  });
}
