import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { netrackClient } from '@softset/client';
import type { NetrackState } from '@softset/protocol';
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

interface Told {
  readonly judgedMs: number;
  readonly toldMs: number;
}

interface Seen {
  readonly atMs: number;
  readonly value: string;
}

/** Of one crash, CLOCK_MONOTONIC, ms. */
interface Crash {
  readonly atMs: number;
  /** netrackd of the watcher judged the board to be down, by its own word. */
  readonly judgedMs: number;
  /** Whoever follows that netrackd, as `softset watch` does, was told. */
  readonly toldMs: number;
  /** The row said so to an SNMP manager that asks all the time. */
  readonly rowMs: number;
}

export interface Crashes {
  readonly taken: readonly Crash[];
  readonly notes: readonly string[];
}

export function measured({ taken, notes }: Crashes, from: keyof Crash, to: keyof Crash): Measured {
  return { samples: taken.map((one) => one[to] - one[from]), notes };
}

/** From a board's crash to `down` in its row: three boards, beats of 10 ms. */
export async function crashes(runs: number, say: (doing: string) => void): Promise<Crashes> {
  say('the chassis starts');
  const chassis = await chassisWithFront();
  const taken: Crash[] = [];
  const notes: string[] = [];
  const follower = netrackClient(chassis.lab.board(WATCHER).runDir, { name: 'softset-bench' });
  const told: Told[] = [];
  const hear = (state: NetrackState): void => {
    const board = state.boards.find((one) => one.board === VICTIM.number);
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    if (board?.verdict === 'down') told.push({ judgedMs: board.sinceMs, toldMs: atMs });
  };
  follower.subscribe('state', (state) => state !== null && hear(state), hear);
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
      const said = await until(() => told.find((one) => one.judgedMs >= atMs), 'netrackd says so');
      taken.push({ atMs, ...said, rowMs: down.atMs });
      await chassis.lab.heal('crash', VICTIM.name);
    }
    watcher.kill('SIGKILL');
  } catch (error) {
    notes.push((error as Error).message);
  } finally {
    follower.close();
    await chassis.stop();
  }
  return { taken, notes };
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
      snmpagd: program(`exec "${process.execPath}" ${bin('snmpagd.js')} ${options}`),
      snmpd: program(`SOFTSET_NODE="${process.execPath}" exec ${bin('snmpagd-front')} ${options}`),
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
