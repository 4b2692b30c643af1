import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { entry } from './programs.js';
import { Place, until } from './psrmd.js';

const sleeper = (more: object = {}): string => entry({ command: ['/bin/sleep', '1000'], ...more });

describe('psrmd: SIGHUP reads the configuration again', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one', 'two', 'three'));

  it('changes only what changed', async () => {
    place.configure({ one: sleeper(), two: sleeper() });
    const { child } = place.start();
    const one = await place.running('one');
    const two = await place.running('two');
    place.configure({ one: sleeper({ giveUp: { deaths: 1 } }), three: sleeper() });
    child.kill('SIGHUP');
    const three = await place.running('three');
    await until('two is gone', () => (place.marked('two').length === 0 ? true : undefined));
    expect(place.marked('one'), 'runs on').to.deep.equal([one]);
    expect(two).to.not.equal(three);
    expect(await place.order('start', 'two')).to.include({ ok: false, code: 'UNKNOWN_PROGRAM' });
    process.kill(one, 'SIGKILL');
    await place.status('one', 'is given up by its new entry', ({ state }) => state === 'failed');
  });

  it('a probe begins with the life at hand, and one that is asked no more is no trouble', async () => {
    const probe = (program: string): object => ({
      exec: { command: [program] },
      intervalMs: 100,
      fall: 1000,
      graceMs: 0,
    });
    place.configure({ one: sleeper() });
    const { child } = place.start();
    const one = await place.running('one');
    for (const [entry, state] of [
      [{ probe: probe('/bin/true') }, 'ready'],
      [{ probe: probe('/bin/false') }, 'in-trouble'],
      [{}, 'ready'],
    ] as const) {
      place.configure({ one: sleeper(entry) });
      child.kill('SIGHUP');
      await place.status('one', `is ${state}`, (status) => status.state === state && status.pid === one);
    }
  });

  it('what a process was started with needs a new one', async () => {
    place.configure({ one: sleeper() });
    const { child } = place.start();
    const one = await place.running('one');
    place.configure({ one: sleeper({ environment: { NEW: 'yes' } }) });
    child.kill('SIGHUP');
    const next = await place.running('one', one);
    expect(place.marked('one')).to.deep.equal([next]);
    expect(await place.status('one', 'is up', ({ state }) => state === 'up')).to.include({ restarts: 0 });
  });

  it('a file that is wrong is refused with its line, and what ran goes on', async () => {
    place.configure({ one: sleeper() });
    const { child } = place.start();
    const one = await place.running('one');
    place.configure({ one: sleeper({ restart: 'sometimes' }) });
    child.kill('SIGHUP');
    await until('it is refused', () => (place.said.includes('reload-refused') ? true : undefined));
    expect(place.said).to.include('cluster.yaml:9: programs.one.restart');
    expect(place.marked('one')).to.deep.equal([one]);
    process.kill(one, 'SIGKILL');
    await place.running('one', one);
  });

  it('a file that cannot be read is refused, and what ran goes on', async () => {
    place.configure({ one: sleeper() });
    const { child } = place.start();
    const one = await place.running('one');
    rmSync(place.file);
    child.kill('SIGHUP');
    await until('it is refused', () => (place.said.includes('reload-refused') ? true : undefined));
    expect(place.said).to.include('ENOENT');
    process.kill(one, 'SIGKILL');
    await place.running('one', one);
  });

  it('names every option in its help', async () => {
    const { stdout } = await place.start('--help').ended;
    expect(stdout).to.include('--stop-programs');
  });
});
