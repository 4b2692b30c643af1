import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '../../demo/chassis.js';
import { quickTiming } from '../../demo/cluster-file.js';
import type { Measured } from '../row.js';
import { bin, COMMUNITY, main } from './place.js';

const example = (name: string): string =>
  fileURLToPath(new URL(`../../../../../examples/snmp/${name}`, import.meta.url));
/** The front that is watched is of a board that is never crashed. */
const WATCHER = 'ccn';
const VICTIM = { name: 'cpu-2', number: 2 };
const PORT = 10_161;
/** softsetBoardState of the victim, of SOFTSET-MIB (docs/mibs): up(2), down(6). */
const OBJECT = `1.3.6.1.4.1.8072.9999.9999.7413.2.1.1.4.${VICTIM.number}`;
const UP = '2';
const DOWN = '6';
const patienceMs = 60_000;

interface Seen {
  readonly atMs: number;
  readonly value: string;
}

/** From a board's crash to `down` in its row, as an SNMP manager sees it that asks all the time: three boards, beats of 10 ms. */
export async function crashes(runs: number, say: (doing: string) => void): Promise<Measured> {
  say('the chassis starts');
  const chassis = await chassisWithFront();
  const taken: number[] = [];
  const notes: string[] = [];
  try {
    const seen: Seen[] = [];
    const words = ['{node}', main('row-main'), String(PORT), join(chassis.lab.dir, 'operator.snmp'), OBJECT];
    const command = words.map((word) => (word === '{node}' ? process.execPath : word));
    const watcher = await chassis.lab.board(WATCHER).spawn(command, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (watcher.stdout === null) throw new Error('the watcher cannot be heard');
    createInterface({ input: watcher.stdout }).on('line', (line) => {
      const [atMs = '0', ...value] = line.split(' ');
      seen.push({ atMs: Number(atMs), value: value.join(' ') });
    });
    for (let run = 0; run < runs; run++) {
      await until(() => seen.at(-1)?.value === UP, 'the victim is up');
      // Boards that load their daemons stall one another: not what is measured.
      await sleep(1500);
      say(`crash ${run + 1} of ${runs}`);
      const { atMs } = await chassis.lab.fault('crash', VICTIM.name);
      const down = await until(() => seen.find((one) => one.atMs >= atMs && one.value === DOWN), 'its row says down');
      taken.push(down.atMs - atMs);
      await chassis.lab.heal('crash', VICTIM.name);
    }
    watcher.kill('SIGKILL');
  } catch (error) {
    notes.push((error as Error).message);
  } finally {
    await chassis.stop();
  }
  return { samples: taken, notes };
}

async function chassisWithFront(): Promise<Chassis> {
  const where =
    '--cluster "$SOFTSET_RUN_DIR/../../../chassis.yaml" --board "$SOFTSET_BOARD" --run-dir "$SOFTSET_RUN_DIR"';
  const options = `${where} --state-dir "$SOFTSET_RUN_DIR/../state"`;
  const program = (line: string) => ({
    command: ['/bin/sh', '-c', line],
    boards: [WATCHER],
    giveUp: { deaths: 1000, withinMs: 10_000 },
  });
  const chassis = await startChassis({
    name: `bench-snmp-${process.pid}`,
    base: { topology: example('chassis.lab.yaml'), cluster: example('chassis.yaml') },
    timing: quickTiming,
    judges: false,
    web: false,
    services: {},
    programs: {
      snmpagd: program(`exec "${process.execPath}" ${bin('snmpagd')} ${options}`),
      snmpd: program(
        `conf=$("${process.execPath}" ${bin('snmpagd-conf')} ${options}) && MIBS= exec snmpd -f -Lo -C -c "$conf"`,
      ),
    },
    amend: (text) => {
      const [before = ''] = text.split('\nsnmp:\n');
      const rest = text.slice(text.search(/^timing:/m));
      const own = `  boards: [${WATCHER}]\n  listen: [udp:127.0.0.1:${PORT}]\n`;
      return `${before}\nsnmp:\n${own}  communities:\n    - { file: operator.snmp, from: 127.0.0.1/32 }\n${rest}`;
    },
  });
  writeFileSync(join(chassis.lab.dir, 'operator.snmp'), `${COMMUNITY}\n`, { mode: 0o600 });
  return chassis;
}

async function until<T>(look: () => T | undefined | false, what: string): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`in vain waited for: ${what}`);
    await sleep(5);
  }
}
