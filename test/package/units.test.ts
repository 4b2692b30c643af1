import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readUnit } from '@softset/runtime/init/unit-file.js';
import { expect } from 'chai';
import { builtPackage, has } from './built.js';

const run = promisify(execFile);
/** Above it systemd calls a unit's exposure more than MEDIUM is allowed to be here (of 10). */
const EXPOSURE_MAX = 4.0;
const needed: Readonly<Record<string, readonly string[]>> = {
  'netrack-pulse': ['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_SYS_NICE'],
  netrackd: ['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_SYS_NICE'],
  redirectd: ['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_SYS_NICE'],
  psrmd: ['CAP_NET_BIND_SERVICE'],
  geodhcpd: ['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE', 'CAP_NET_RAW'],
  snmpagd: [],
  'softset-handover': [],
};

describe('the systemd units', function () {
  this.timeout(120_000);
  let folder = '';
  before(async () => {
    folder = join((await builtPackage()).tree, 'usr/lib/systemd/system');
  });
  const services = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.service'));

  it('are one for each daemon, of a user that is not root, with the capabilities that it needs and no other', () => {
    expect(
      services()
        .map((name) => name.replace('.service', ''))
        .sort(),
    ).to.deep.equal(Object.keys(needed).sort());
    for (const name of services()) {
      const unit = readUnit(readFileSync(join(folder, name), 'utf8'));
      const own = needed[name.replace('.service', '')] ?? [];
      expect(unit.one('Service', 'User'), name).to.equal('softset');
      expect(unit.words('Service', 'CapabilityBoundingSet'), name).to.deep.equal(own);
      expect(unit.words('Service', 'AmbientCapabilities'), name).to.deep.equal(own);
      expect(unit.one('Service', 'NoNewPrivileges'), name).to.equal('yes');
    }
  });

  it('are told when a daemon is ready, wait for its answers, and start it again at once, the pulse first', () => {
    for (const name of services()) {
      if (name === 'softset-handover.service') continue;
      const unit = readUnit(readFileSync(join(folder, name), 'utf8'));
      expect(unit.one('Service', 'Type'), name).to.equal('notify');
      expect(Number(unit.one('Service', 'WatchdogSec')), name).to.be.greaterThan(1);
      expect(unit.one('Service', 'Restart'), name).to.equal('always');
      expect(unit.one('Unit', 'StartLimitIntervalSec'), name).to.equal('0');
      expect(unit.one('Service', 'RestartSec'), name)[name === 'netrack-pulse.service' ? 'to' : 'not'].equal('0');
    }
  });

  it('hand services over before a daemon stops', () => {
    const unit = readUnit(readFileSync(join(folder, 'softset-handover.service'), 'utf8'));
    expect(unit.words('Unit', 'After')).to.include.members([
      'netrack-pulse.service',
      'netrackd.service',
      'redirectd.service',
      'psrmd.service',
    ]);
    expect(unit.one('Service', 'ExecStop')).to.contain('board leave');
  });

  it('are good for systemd-analyze verify', async function () {
    // Judged by systemd's own tool, or by nobody.
    if (!(await has('systemd-analyze'))) this.skip();
    const place = mkdtempSync(join(tmpdir(), 'softset-units-'));
    try {
      const units = join(place, 'usr/lib/systemd/system');
      cpSync(folder, units, { recursive: true });
      // It wants to see the programs that they start, and the targets that they name.
      for (const program of ['bin/kill', 'usr/bin/softset', 'usr/lib/softset/node']) {
        mkdirSync(join(place, program, '..'), { recursive: true });
        writeFileSync(join(place, program), '', { mode: 0o755 });
      }
      for (const target of ['network', 'sysinit', 'basic', 'shutdown', 'multi-user'])
        writeFileSync(join(units, `${target}.target`), '[Unit]\nDescription=A target of systemd itself\n');
      const ours = readdirSync(folder);
      const verify = (): Promise<{ stderr: string }> =>
        run('systemd-analyze', [
          'verify',
          '--man=no',
          `--root=${place}`,
          ...ours.map((name) => join(units, name)),
        ]).catch((error) => error as { stderr: string });
      const complaints = async () =>
        (await verify()).stderr.split('\n').filter((line) => ours.some((name) => line.includes(name)));
      expect(await complaints()).to.deep.equal([]);
      // It looks, and is not silent for want of something.
      appendFileSync(join(units, 'netrackd.service'), 'RestartSoon=yes\n');
      expect((await complaints()).join('\n')).to.contain('RestartSoon');
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  it(`expose no more than ${EXPOSURE_MAX} by systemd-analyze security`, async function () {
    // Judged by systemd's own tool, or by nobody.
    if (!(await has('systemd-analyze'))) this.skip();
    for (const name of services()) {
      const { stdout } = await run('systemd-analyze', ['security', '--offline=yes', '--no-pager', join(folder, name)]);
      const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
      expect(level, name).to.be.at.most(EXPOSURE_MAX);
    }
  });
});
