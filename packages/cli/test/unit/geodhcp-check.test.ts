import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));
const file = (ports: string): string => `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  ccn: { id: 1, A: 10.1.1.20, B: 20.1.1.20, vote: true }
geodhcp:
  boards: [ccn]
  switches:
    switch-a: { network: A, address: 10.1.0.2 }
    switch-b: { network: B, address: 20.1.0.2 }
  ports:
${ports}`;

describe('softset geodhcp check', function () {
  this.timeout(30_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-cli-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const check = (ports: string, ...more: string[]) => {
    const path = join(folder, 'chassis.yaml');
    writeFileSync(path, file(ports));
    const done = spawnSync(process.execPath, [program, 'geodhcp', 'check', path, ...more], { encoding: 'utf8' });
    return { code: done.status, out: done.stdout, err: done.stderr.replaceAll(path, 'FILE') };
  };

  it('a good port map: how large it is, and which switch it leaves out', () => {
    const good = "    - { switch: switch-a, port: 'p{1-9}', addresses: ['10.1.2.{}', '10.1.3.{}'] }\n";
    expect(check(good)).to.deep.equal({
      code: 0,
      out: 'good: 2 switches, 9 ports, 18 addresses; no port of switch-b is in the map\n',
      err: '',
    });
    expect(JSON.parse(check(good, '--json').out)).to.deep.equal({
      ok: true,
      ports: 9,
      addresses: 18,
      idle: ['switch-b'],
    });
  });

  it('double addresses, unknown switches and ports without address, each with its line', () => {
    const { code, err } = check(`    - { switch: switch-a, port: p1, addresses: [10.1.2.1] }
    - { switch: switch-a, port: p2, addresses: [10.1.2.1] }
    - { switch: switch-c, port: p1, addresses: [10.1.2.3] }
    - { switch: switch-a, port: p4 }
`);
    expect(code).to.equal(1);
    expect(err).to.match(/FILE:15: .*10\.1\.2\.1 is given to switch-a\/p1 already/);
    expect(err).to.match(/FILE:16: .*unknown switch "switch-c"/);
    expect(err).to.match(/FILE:17: .*needs either board or addresses/);
  });

  it('a file that is not there is the system’s fault', () => {
    const done = spawnSync(process.execPath, [program, 'geodhcp', 'check', join(folder, 'none')], { encoding: 'utf8' });
    expect(done.status).to.equal(111);
  });
});
