import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Measured, makeRow, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { type Case, cases, kindOf, POWER_UP_MS, peers, settingOf } from './cases.js';
import type { Asked, Line, Subject } from './lines.js';

const usualRuns = 2;
/** A run takes one and a half minutes; this bounds one that hangs. */
const RUN_MS = 300_000;
const inside = fileURLToPath(new URL('./inside-main.js', import.meta.url));
const programs = { kea: 'kea-dhcp4', dnsmasq: 'dnsmasq' } as const;

function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** One run, in namespaces that end with it, whatever way it ends. */
async function oneRun(asked: Asked, take: (line: Line) => void): Promise<string | undefined> {
  const own = process.getuid?.() === 0 ? ['-nmp'] : ['-Urnmp'];
  const prepare = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"';
  const args = [...own, '--fork', '--kill-child=KILL', '--mount-proc', 'sh', '-c', prepare, 'sh'];
  const child = spawn('unshare', [...args, process.execPath, inside, JSON.stringify(asked)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-1000)));
  const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  for await (const line of createInterface({ input: child.stdout })) take(JSON.parse(line) as Line);
  const code = await ended;
  return code === 0 ? undefined : `a run ended with ${code}: ${said.trim().split('\n').at(-1)}`;
}

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const wanted = cases.filter((id) => options.cases?.includes(id) ?? true);
  const chosen = peers.filter((name) => options.peers?.includes(name) ?? true);
  const here = chosen.filter((name) => installed(programs[name]));
  const missing = ['perfdhcp', 'snmpd'].filter((program) => !installed(program));
  const notes = new Map<Subject, Set<string>>();
  const odd = new Set([
    ...missing.map((program) => `${program} is not installed: nothing was measured`),
    ...chosen.filter((name) => !here.includes(name)).map((name) => `${name}: not installed`),
  ]);
  const samples = new Map<string, number[]>();
  const runs = missing.length > 0 ? 0 : (options.runs ?? usualRuns);
  for (let round = 1; round <= runs; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'softset-bench-dhcp-'));
    try {
      const failed = await oneRun({ folder, wanted, peers: here }, (line) => {
        if ('doing' in line) options.say(`run ${round} of ${runs}: ${line.doing}`);
        else if ('note' in line) notes.set(line.subject, (notes.get(line.subject) ?? new Set()).add(line.note));
        else samples.set(`${line.subject} ${line.kind}`, [...of(line.subject, line.kind), line.value]);
      });
      if (failed !== undefined) odd.add(failed);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  function of(subject: Subject, kind: string): readonly number[] {
    return samples.get(`${subject} ${kind}`) ?? [];
  }
  const measured = (subject: Subject, id: Case, more: Iterable<string> = []): Measured => ({
    samples: of(subject, kindOf(id)),
    notes: [...more, ...(notes.get(subject) ?? [])],
  });
  return wanted.map((id) =>
    makeRow({
      suite: 'dhcp',
      case: id,
      unit: kindOf(id) === 'rate' ? 'DORA/s' : 'ms',
      better: kindOf(id) === 'rate' ? 'more' : 'less',
      budget: kindOf(id) === 'power-up' ? POWER_UP_MS : null,
      ours: measured(settingOf[id], id, id === wanted[0] ? odd : []),
      peers: Object.fromEntries(here.map((name) => [name, measured(name, id)])),
    }),
  );
}

export const dhcp: Suite = {
  name: 'dhcp',
  summary: 'addresses given: exchanges a second, delay, and a chassis that is switched on, beside Kea and dnsmasq',
  cases,
  peers,
  run,
};
