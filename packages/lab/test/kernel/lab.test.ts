import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Lab, type LabError, labsRoot, listLabs } from '@softset/lab';
import { cgroupName, cgroupParents } from '@softset/linux/cgroup.js';
import { expect } from 'chai';
import { carrier, patience, reaches, sleeper, smallChassis, smallLab, until } from './bench.js';

/** Processes of this machine that carry a lab's folder in their arguments. */
function processesOf(lab: Lab): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(lab.dir);
      } catch {
        return false;
      }
    });
}

describe('a lab', function () {
  this.timeout(60_000 * patience);

  it('is a chassis: boards reach one another on both networks, and nothing of it is seen outside', async () => {
    const before = readlinkSync('/proc/self/ns/net');
    const devices = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout;
    const lab = await smallLab('up');
    try {
      expect(listLabs().find((l) => l.name === lab.name)?.state).to.equal('up');
      expect(await reaches(lab, 'one', 'a0', '10.1.1.2')).to.equal(true);
      expect(await reaches(lab, 'one', 'b0', '20.1.1.3')).to.equal(true);
      expect((await lab.exec('one', ['hostname'])).stdout).to.equal('one');
      expect(spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout).to.equal(devices);
      expect(readlinkSync('/proc/self/ns/net')).to.equal(before);
      expect(await lab.exec('nobody', ['true']).catch((e: LabError) => e.code)).to.equal('LAB_UNKNOWN');
    } finally {
      await lab.down();
    }
    expect(existsSync(lab.dir)).to.equal(false);
    expect(processesOf(lab)).to.deep.equal([]);
  });

  it('stands beside another of the same addresses, and they do not meet', async () => {
    const [left, right] = await Promise.all([smallLab('left'), smallLab('right')]);
    try {
      await left.exec('two', ['ip', 'link', 'set', 'a0', 'down']);
      expect(await carrier(left, 'two', 'a0')).to.equal(false);
      expect(await reaches(left, 'one', 'a0', '10.1.1.2')).to.equal(false);
      expect(await reaches(right, 'one', 'a0', '10.1.1.2')).to.equal(true);
      await left.down();
      expect(await reaches(right, 'one', 'b0', '20.1.1.2')).to.equal(true);
    } finally {
      await Promise.all([left.down(), right.down()]);
    }
  });

  it('refuses a name that is taken, and a topology with a mistake, and leaves nothing behind', async () => {
    const lab = await smallLab('name');
    try {
      const again = Lab.up({ topology: smallChassis(), name: lab.name }).catch((e: LabError) => e.code);
      expect(await again).to.equal('LAB_EXISTS');
      const file = Lab.up({ topology: '/nonexistent.yaml', name: 'lab-none' }).catch((e: LabError) => e.code);
      expect(await file).to.equal('TOPOLOGY_INVALID');
      expect(existsSync(join(labsRoot(), 'lab-none'))).to.equal(false);
    } finally {
      await lab.down();
    }
  });

  it('takes away the cgroups that its boards left', async function () {
    const lab = await smallLab('groups');
    const [parent] = cgroupParents('track');
    const path = join(parent?.path ?? '', cgroupName('one', realpathSync(lab.board('one').runDir)));
    try {
      mkdirSync(join(path, 'program.1'), { recursive: true });
    } catch {
      await lab.down();
      this.skip(); // Not ours to write, so there is nothing to take away either.
    }
    await lab.down();
    expect(existsSync(path)).to.equal(false);
  });

  it('goes nowhere but into the labs’ own folder', async () => {
    for (const name of ['..', '../x', '', 'a/b']) {
      const code = (error: unknown) => (error as LabError).code;
      expect(await Lab.up({ topology: smallChassis(), name }).catch(code)).to.equal('LAB_NAME_INVALID');
      expect(await Lab.down(name, '/nonexistent/labs').catch(code)).to.equal('LAB_NAME_INVALID');
      expect(() => Lab.attach(name)).to.throw('at most 32');
    }
  });

  it('says why it could not be made', async () => {
    const topology = smallChassis();
    const [first, ...others] = topology.boards;
    if (first === undefined) throw new Error('no board');
    const broken = { ...first, sysctls: { 'net.ipv4.no_such_setting': 1 } };
    const name = `lab-broken-${process.pid}`;
    const failed = await Lab.up({ topology: { ...topology, boards: [broken, ...others] }, name }).catch((e) => e);
    expect((failed as LabError).code).to.equal('LAB_UP_FAILED');
    expect((failed as LabError).message).to.contain('no_such_setting');
    expect(existsSync(join(labsRoot(), name))).to.equal(false);
  });

  it('ends whole when its holder is killed, and down removes what is left', async () => {
    const lab = await smallLab('killed', [sleeper('sleepy')]);
    const state = JSON.parse(readFileSync(join(lab.dir, 'state.json'), 'utf8')) as { pid: number };
    expect(processesOf(lab).length).to.be.above(4);
    process.kill(state.pid, 'SIGKILL');
    expect(await until(() => processesOf(lab).length === 0), 'every process gone').to.equal(true);
    expect(listLabs().find((l) => l.name === lab.name)?.state).to.equal('dead');
    expect(() => Lab.attach(lab.name)).to.throw('has ended');
    expect(await Lab.down(lab.name)).to.equal(true);
    expect(existsSync(lab.dir)).to.equal(false);
    expect(await Lab.down(lab.name)).to.equal(false);
  });

  it('ends by itself when its life is over', async () => {
    const lab = await Lab.up({ topology: smallChassis(), name: `lab-life-${process.pid}`, lifeMs: 12_000 });
    expect(await until(() => processesOf(lab).length === 0, 40_000)).to.equal(true);
    await lab.down();
  });
});
