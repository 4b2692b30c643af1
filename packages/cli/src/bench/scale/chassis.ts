import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chassis, startChassis } from '../../demo/chassis.js';

const NUMBER = 4720;
const UP_MS = 120_000;

/** So many boards with a pulse and a netrackd each, and nothing else; three of them vote. Throws where they do not come up. */
export async function boardsOf(
  count: number,
  intervalMs: number,
): Promise<{ chassis: Chassis; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'softset-scale-'));
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const addresses = (n: number) => ({ A: `10.1.1.${n}`, B: `20.1.1.${n}` });
  const topology = join(folder, 'lab.yaml');
  const cluster = join(folder, 'chassis.yaml');
  const lines = numbers.map((n) => `  b-${n}: { A: ${addresses(n).A}/16, B: ${addresses(n).B}/16 }`);
  writeFileSync(topology, `trunk: true\nboards:\n${lines.join('\n')}\n`);
  const votes = Math.min(count, 3);
  const file = {
    version: 1,
    // Two voters and no witness: nothing moves here, and nobody can be fenced.
    cluster: {
      name: 'scale',
      number: NUMBER,
      keyFile: 'chassis.key',
      ...(count < 3 ? { splitBrain: 'accepted' } : {}),
    },
    networks: {
      A: { subnet: '10.1.0.0/16', device: 'a0', multicast: '224.0.0.254' },
      B: { subnet: '20.1.0.0/16', device: 'b0', multicast: '224.0.0.254' },
    },
    boards: Object.fromEntries(numbers.map((n) => [`b-${n}`, { id: n, ...addresses(n), vote: n <= votes }])),
  };
  // JSON is YAML (YAML 1.2.2 §1.3); each key of the top on a line of its own, as those who amend it expect.
  const text = Object.entries(file).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  writeFileSync(cluster, `${text.join('\n')}\n`);
  const timing = { intervalMs, leaseMs: 25 * intervalMs, proofMs: 5 * intervalMs };
  const chassis = await startChassis({
    name: `scale-${count}`,
    base: { topology, cluster },
    timing,
    services: {},
    programs: {},
    daemons: { redirectd: [], psrmd: [] },
    judges: false,
    lifeMs: 1_800_000,
  });
  const stop = async (): Promise<void> => {
    await chassis.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const endMs = performance.now() + UP_MS; !agreed(chassis, count); await sleep(200)) {
    if (performance.now() < endMs) continue;
    await stop();
    throw new Error(`${count} boards did not agree on a director within ${UP_MS / 1000} s`);
  }
  return { chassis, stop };
}

function agreed(chassis: Chassis, count: number): boolean {
  const director = chassis.director();
  return (
    director !== undefined &&
    [...chassis.witnesses.values()].every(({ state }) => {
      const up = state?.boards.filter(({ verdict }) => verdict === 'up' || verdict === 'self').length;
      return up === count && state?.director !== 0;
    })
  );
}
