import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const topology = `trunk: true
cluster: chassis.yaml
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  cpu-1: { A: 10.1.1.1/16, B: 20.1.1.1/16 }
  cpu-2: { A: 10.1.1.2/16, B: 20.1.1.2/16 }
  cpu-3: { A: 10.1.1.3/16, B: 20.1.1.3/16, outside: 203.0.113.1/24, forward: true }
`;
const clusterOf = (number: number): string => `version: 1
cluster: { name: small, number: ${number}, keyFile: chassis.key }
timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, A: 10.1.1.2, B: 20.1.1.2, vote: true }
  cpu-3: { id: 3, A: 10.1.1.3, B: 20.1.1.3, vote: true }
services:
  media: { addresses: [192.168.1.1/32], pool: [cpu-1, cpu-2] }
`;

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `softset …` as it is typed. */
export function softset(...args: readonly string[]): Said {
  const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 120_000 });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/**
 * Three boards with all daemons and slow beats, brought up by the operator's own command. `dir`: the lab's folder, where
 * the cluster file and the key are that all of them share. `number`: of the cluster.
 */
export function threeBoards(name: string, number: number): { readonly dir: string; down(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'softset-small-'));
  writeFileSync(join(folder, 'chassis.lab.yaml'), topology);
  writeFileSync(join(folder, 'chassis.yaml'), clusterOf(number));
  const down = (): void => {
    softset('lab', 'down', '--name', name);
    rmSync(folder, { recursive: true, force: true });
  };
  const up = softset('lab', 'up', join(folder, 'chassis.lab.yaml'), '--name', name, '--json');
  if (up.code !== 0) down();
  expect(up.code, up.err).to.equal(0);
  return { dir: (JSON.parse(up.out) as { dir: string }).dir, down };
}
