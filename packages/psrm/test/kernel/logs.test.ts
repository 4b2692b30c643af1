import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WrittenFiles } from '@softset/psrm/adapters/written-files.js';
import { expect } from 'chai';
import { entry } from './programs.js';
import { Place, until } from './psrmd.js';

describe('psrmd: what programs write', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one', 'two'));

  it('is stamped when it was written, again and again, and what is silent is not', async () => {
    const flag = join(place.folder, 'go');
    const script = `while :; do [ -e ${flag} ] && echo line && rm ${flag}; sleep 0.05; done`;
    place.configure({
      one: entry({ command: ['/bin/sh', '-c', script] }),
      two: entry({ command: ['/bin/sleep', '1000'] }),
    });
    place.start();
    await place.running('one');
    const times = join(place.runDir, 'log', 'one.times');
    for (let lines = 1; lines <= 3; lines++) {
      const beganMs = Date.now();
      closeSync(openSync(flag, 'w'));
      const stamp = await until(`line ${lines} is stamped`, () =>
        existsSync(times)
          ? readFileSync(times, 'utf8')
              .split('\n')
              .find((one) => one.endsWith(` ${5 * lines}`))
          : undefined,
      );
      expect(Number(stamp.split(' ')[0])).to.be.at.least(beganMs);
    }
    expect(existsSync(join(place.runDir, 'log', 'two.times'))).to.equal(false);
  });

  it('is bounded, once and again, by a bound that is read again as well', async () => {
    const loud = (bytesMax: number): string =>
      entry({ command: ['/bin/sh', '-c', 'while :; do echo 0123456789; sleep 0.001; done'], log: { bytesMax } });
    place.configure({ one: loud(1_000_000_000) });
    const { child } = place.start();
    const pid = await place.running('one');
    const path = join(place.runDir, 'log', 'one.log');
    await until('much is written', () => (statSync(path).size > 20_000 ? true : undefined));
    expect(existsSync(`${path}.1`)).to.equal(false);
    place.configure({ one: loud(8192) });
    child.kill('SIGHUP');
    const first = await until('it is turned', () =>
      existsSync(`${path}.1`) ? statSync(`${path}.1`).mtimeMs : undefined,
    );
    await until('it is turned again', () => (statSync(`${path}.1`).mtimeMs > first ? true : undefined));
    expect(await place.running('one')).to.equal(pid);
  });
});

describe('which logs may have grown', () => {
  const folder = mkdtempSync(join(tmpdir(), 'softset-written-'));
  const files = [0, 1, 2].map((i) => ({ fd: openSync(join(folder, `f${i}`), 'a') }));
  const [first, second, third] = files as [{ fd: number }, { fd: number }, { fd: number }];
  after(() => {
    for (const { fd } of files) closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  it('all of them at first, then those that were written to, but none that was dropped', () => {
    const written = new WrittenFiles<{ fd: number }>();
    for (const file of files) written.add(file);
    expect(written.take()).to.have.members(files);
    expect(written.take()).to.deep.equal([]);
    for (const file of [first, first, third]) writeSync(file.fd, 'x');
    written.drop(third);
    expect(written.take()).to.deep.equal([first]);
    for (const file of [first, second, third]) writeSync(file.fd, 'x');
    expect(written.take()).to.have.members([first, second]);
    written.close();
  });

  it('without word of the kernel all of them, each time', () => {
    const written = new WrittenFiles<{ fd: number }>();
    written.close();
    for (const file of files) written.add(file);
    expect(written.take()).to.have.members(files);
    expect(written.take()).to.have.members(files);
  });
});
