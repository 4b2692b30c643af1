import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const topology = `trunk: true
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  cpu-1: { A: 10.1.1.1/16, B: 20.1.1.1/16, routes: [{ to: default, via: 10.1.1.254 }] }
  cpu-2: { A: 10.1.1.2/16, B: 20.1.1.2/16, routes: [{ to: default, via: 10.1.1.254 }] }
  router-1: { A: 10.1.1.254/16, B: 20.1.1.254/16, outside: 203.0.113.1/24, forward: true }
`;

const cluster = `version: 1
cluster: { name: soak, number: 4719, keyFile: chassis.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, A: 10.1.1.2, B: 20.1.1.2, vote: true }
  router-1: { id: 3, role: router, A: 10.1.1.254, B: 20.1.1.254, vote: true }
gateway: router-1
`;

/** Two boards of a pool and a router: what a machine with few processors can run at beats of 10 ms. */
export function smallChassis(): { readonly base: { topology: string; cluster: string }; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'softset-soak-'));
  const base = { topology: join(folder, 'lab.yaml'), cluster: join(folder, 'chassis.yaml') };
  writeFileSync(base.topology, topology);
  writeFileSync(base.cluster, cluster);
  return { base, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
