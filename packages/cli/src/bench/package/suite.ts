import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lab, LabError } from '@softset/lab';
import { type Chassis, startChassis } from '../../demo/chassis.js';
import { quickTiming } from '../../demo/cluster-file.js';
import { claim, makeRoom } from '../../demo/owner.js';
import { pulseRestartMs } from '../failover/cases.js';
import { pulseRestart } from '../failover/pulse-restart.js';
import { Takings } from '../failover/taken.js';
import { makeRow, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { installPackage } from './installed.js';

const name = 'bench-package';
const bare = 'bare-node';
const usualRuns = 10;
const wellMs = 60_000;
/**
 * Beats as quick as they come, and a lease that outlives a start on any machine: one that is lost is won back by a move,
 * which is another figure.
 */
const leaseMs = 2_500;
const proofMs = 500;
/** The register, the relay and who holds what are at rest again. */
const restMs = 1_000;
const topology = `trunk: true
boards:
  cpu-1: { A: 10.1.1.1/16, B: 20.1.1.1/16 }
  cpu-2: { A: 10.1.1.2/16, B: 20.1.1.2/16 }
  cpu-3: { A: 10.1.1.3/16, B: 20.1.1.3/16 }
`;
const cluster = `version: 1
cluster: { name: package, number: 77, keyFile: chassis.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, A: 10.1.1.2, B: 20.1.1.2, vote: true }
  cpu-3: { id: 3, A: 10.1.1.3, B: 20.1.1.3, vote: true }
`;

/** What nothing written for this runtime can undercut: it starts, does nothing and ends. */
async function bareStart(node: string): Promise<number> {
  const beganMs = performance.now();
  const child = spawn(node, ['--single-threaded', '-e', '0'], { stdio: 'ignore' });
  await new Promise((done) => child.once('close', done));
  return performance.now() - beganMs;
}

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const { say, runs = usualRuns } = options;
  const room = await makeRoom(name);
  if (!room.ok) throw new LabError(room);
  const folder = mkdtempSync(join(tmpdir(), 'softset-bench-package-lab-'));
  const base = { topology: join(folder, 'three.lab.yaml'), cluster: join(folder, 'three.yaml') };
  writeFileSync(base.topology, topology);
  writeFileSync(base.cluster, cluster);
  say('making the package, and what its postinst compiles');
  const installed = await installPackage();
  let chassis: Chassis | undefined;
  try {
    say('bringing up three boards with the daemons of the package');
    const services = { media: { addresses: ['192.168.1.1/32'], pool: ['cpu-1', 'cpu-2'] } };
    chassis = await startChassis({
      name,
      base,
      timing: { ...quickTiming, leaseMs, proofMs },
      services,
      programs: {},
      daemons: { psrmd: [] },
      amendDaemon: installed.asPackaged,
      judges: false,
      lifeMs: 3_600_000,
    });
    claim(chassis.lab);
    const ours = new Takings();
    const floor = new Takings();
    for (let round = 1; round <= runs; round++) {
      say(`run ${round} of ${runs}`);
      const why = await chassis.waitWell(wellMs);
      const holder = chassis.holder();
      if (why !== undefined || holder === undefined) {
        await ours.take(async () => ({ unable: why ?? 'nobody holds media' }));
        continue;
      }
      await sleep(restMs);
      const { lab } = chassis;
      await ours.take(() => pulseRestart(lab, holder));
      if (options.peers?.includes(bare) ?? true)
        await floor.take(async () => ({ ms: await bareStart(installed.node), stallMs: 0 }));
    }
    const peers = options.peers?.length === 0 ? {} : { [bare]: floor.measured() };
    const row = { suite: 'package', case: 'pulse-restart', unit: 'ms', ours: ours.measured() };
    return [makeRow({ ...row, peers, budget: pulseRestartMs })];
  } finally {
    say('taking the lab down');
    await chassis?.stop();
    await Lab.down(name).catch(() => {});
    installed.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const packaged: Suite = {
  name: 'package',
  summary: "from a pulse killed to its successor's first renewal, out of the Debian package, beside its bare runtime",
  cases: ['pulse-restart'],
  peers: [bare],
  run,
};
