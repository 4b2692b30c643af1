import type { GeoDhcpClient } from '@softset/client';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';
import { width } from './status/render.js';
import { table } from './status/table.js';
import { duration } from './status/words.js';
import type { TargetOptions } from './targets.js';
import { withGeoDhcp } from './with-geodhcp.js';

type Options = TargetOptions & { readonly json?: boolean };
const hint = 'start geodhcpd, or name its directory with --run-dir';

/** Whole tables are walked. */
const learnMs = 60_000;

type Lines = readonly (readonly string[])[];
const ago = (sinceMs: number): string => duration(Date.now() - sinceMs);
const ahead = (untilMs: number | undefined): string => (untilMs === undefined ? '-' : duration(untilMs - Date.now()));

/** Each list as a table; with `--json` as the daemon gives it. */
const lists = {
  status: async (client: GeoDhcpClient) => {
    const answer = await client.call('status', {});
    if (!answer.ok) return answer;
    const { answering, why, ports, leases, conflicts, switches } = answer.value;
    const head = `${answering ? 'answers' : 'does not answer'}: ${why}; ${ports} ports, ${leases} leases, ${conflicts} conflicts`;
    const rows: Lines = [['SWITCH', 'STATE', 'ADDRESS'], ...switches.map((s) => [s.switch, s.state, s.text])];
    return { ok: true as const, value: answer.value, head, rows };
  },
  leases: async (client: GeoDhcpClient) => {
    const answer = await client.call('leases', {});
    if (!answer.ok) return answer;
    const rows = answer.value.leases.map((l) => [l.ip, l.mac, l.name, l.place, l.by, ago(l.sinceMs), ahead(l.untilMs)]);
    const head = ['ADDRESS', 'MAC', 'BOARD', 'PORT', 'BY', 'SINCE', 'ENDS IN'];
    return { ok: true as const, value: answer.value.leases, rows: [head, ...rows] as Lines };
  },
  ports: async (client: GeoDhcpClient) => {
    const answer = await client.call('ports', {});
    if (!answer.ok) return answer;
    const rows = answer.value.ports.map((p) => [
      p.place,
      p.network,
      p.name,
      p.addresses.join(','),
      p.devices.map((d) => `${d.mac} (${ago(d.sinceMs)})`).join(', ') || '-',
    ]);
    const others = answer.value.strangers.map((s) => [
      s.place,
      '-',
      s.name ?? '-',
      'unexpected',
      `${s.mac} (${ago(s.seenMs)})`,
    ]);
    return {
      ok: true as const,
      value: answer.value,
      rows: [['PORT', 'NET', 'BOARD', 'ADDRESS', 'DEVICE'], ...rows, ...others] as Lines,
    };
  },
  conflicts: async (client: GeoDhcpClient) => {
    const answer = await client.call('conflicts', {});
    if (!answer.ok) return answer;
    const rows = answer.value.conflicts.map((c) => [
      c.ip,
      c.place,
      c.by ?? '-',
      ago(c.sinceMs),
      ahead(c.untilMs),
      c.where,
    ]);
    const head = ['ADDRESS', 'PORT', 'USED BY', 'SINCE', 'TRIED IN', 'WHERE'];
    return { ok: true as const, value: answer.value.conflicts, rows: [head, ...rows] as Lines };
  },
};

/** `softset geodhcp status|leases|ports|conflicts`. */
export async function geoListCommand(what: keyof typeof lists, options: Options): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await lists[what](client);
    if (!answer.ok) return refuse(answer);
    if (options.json) {
      print(JSON.stringify(answer.value, undefined, 2));
      return exitCodes.done;
    }
    if ('head' in answer) print(answer.head);
    print(table(answer.rows, width).join('\n'));
    return exitCodes.done;
  });
}

/** `softset geodhcp locate MAC`: exit 1 where no port is found. */
export async function geoLocateCommand(mac: string, options: Options): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await client.call('locate', { mac });
    if (!answer.ok) return refuse(answer);
    const { outcome, switch: on, port, name, evidence } = answer.value;
    if (options.json) print(JSON.stringify(answer.value));
    else {
      const where = outcome === 'port' ? `${on}/${port}, ${name ?? 'which is not in the port map'}` : outcome;
      print(`${mac}: ${where}`);
      print(
        table([['SWITCH', 'AFTER', 'SAID'], ...evidence.map((e) => [e.switch, `${e.ms} ms`, e.said])], width).join(
          '\n',
        ),
      );
    }
    return outcome === 'port' ? exitCodes.done : exitCodes.refused;
  });
}

/** `softset geodhcp release IP`. */
export async function geoReleaseCommand(ip: string, options: Options): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await client.call('release', { ip });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify(answer.value) : answer.value.message);
    return exitCodes.done;
  });
}

/** `softset geodhcp learn`. */
export async function geoLearnCommand(options: Options): Promise<number> {
  return withGeoDhcp(options, hint, async (client) => {
    const answer = await client.call('learn', {}, { timeoutMs: learnMs });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify(answer.value) : answer.value.text);
    return exitCodes.done;
  });
}
