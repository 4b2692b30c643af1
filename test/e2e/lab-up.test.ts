import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exampleCluster, exampleTopology } from '@softset/cli/demo/places.js';
import { boardPaths } from '@softset/lab/board-paths.js';
import { cgroupName } from '@softset/linux/cgroup.js';
import { isWholeRoot } from '@softset/linux/whole-root.js';
import { expect } from 'chai';
import { patience } from './bench.js';

const program = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const name = `e2e-lab-up-${process.pid}`;

function softset(...args: string[]) {
  const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Cgroups of this machine that belong to a board of the lab. */
function cgroupsOf(dir: string): string[] {
  const names = ['cpu-1', 'cpu-2'].map((board) => cgroupName(board, boardPaths(dir, board).runDir));
  const find = spawnSync('find', ['/sys/fs/cgroup', '-maxdepth', '6', '-type', 'd', '-name', 'softset-*']);
  return find.stdout
    .toString()
    .split('\n')
    .filter((path) => names.some((one) => path.endsWith(one)));
}

describe('softset lab up with a cluster file', function () {
  this.timeout(120_000 * patience);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-lab-up-'));
    writeFileSync(join(folder, 'chassis.lab.yaml'), readFileSync(exampleTopology, 'utf8'));
    const calm = 'timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }\n';
    const cluster = readFileSync(exampleCluster, 'utf8').replace(/^timing:\n( .*\n)+/m, calm);
    expect(cluster).to.contain(calm);
    writeFileSync(join(folder, 'chassis.yaml'), cluster);
  });
  after(() => {
    softset('lab', 'down', '--name', name);
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts its daemons, which serve, and down leaves nothing behind, no cgroup either', async () => {
    const up = softset('lab', 'up', join(folder, 'chassis.lab.yaml'), '--name', name, '--json');
    expect(up.code, up.err).to.equal(0);
    const { dir } = JSON.parse(up.out) as { dir: string };
    let status = { code: null as number | null, out: '', err: '' };
    let well = false;
    for (const untilMs = performance.now() + 60_000 * patience; !well && performance.now() < untilMs; ) {
      await sleep(500);
      status = softset('status', '--lab', name, '--json');
      well = status.code === 0 && (JSON.parse(status.out) as { well: boolean }).well;
    }
    expect(well, `${softset('status', '--lab', name).out}${status.err}`).to.equal(true);
    const media = softset('service', 'list', '--lab', name);
    expect(media.out).to.match(/media +cpu-[12]/);
    if (isWholeRoot()) expect(cgroupsOf(dir), 'programs live in cgroups').to.not.deep.equal([]);
    expect(softset('lab', 'down', '--name', name).code).to.equal(0);
    expect(cgroupsOf(dir)).to.deep.equal([]);
  });

  it('says which line of the cluster file is wrong, and brings nothing up', () => {
    const wrong = join(folder, 'chassis.yaml');
    writeFileSync(wrong, readFileSync(wrong, 'utf8').replace('role: io,', 'colour: red,'));
    const { code, err } = softset('lab', 'up', join(folder, 'chassis.lab.yaml'), '--name', name);
    expect(code).to.equal(1);
    expect(err).to.match(/chassis\.yaml:\d+: .*colour/);
    expect(softset('lab', 'status', '--name', name).err).to.contain('there is no lab');
  });
});
