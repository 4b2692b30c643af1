import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { entry } from './programs.js';
import { Place, until } from './psrmd.js';

const sleeper = (fields: object = {}) => entry({ command: ['/bin/sleep', '1000'], ...fields });

describe('the ladder: board failover, board reboot', function () {
  this.timeout(60_000);
  let place: Place;
  let mark: string;
  beforeEach(() => {
    place = new Place();
    mkdirSync(place.runDir);
    mark = join(place.folder, 'rebooted');
    const reboot = { command: ['/bin/sh', '-c', `echo now >>${mark}`], failovers: 1, atMost: 1 };
    place.more = `services:
  one: { addresses: [192.0.2.1/32], pool: [cpu-1], programs: [bad, worse, good] }
escalation: ${JSON.stringify({ boardFailover: { givenUp: 2, withinMs: 60_000 }, reboot })}
`;
  });
  afterEach(() => place.clean('bad', 'worse', 'good', 'own'));
  const giveUp = { deaths: 1, withinMs: 60_000 };

  it('two given up: all programs of services are ended for real, then the board reboots; others stay', async () => {
    place.configure({
      bad: sleeper({ giveUp, exclusive: 'address' }),
      worse: sleeper({ giveUp, exclusive: 'address' }),
      // Ignores TERM: the reboot has to wait for its end.
      good: entry({
        command: ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
        exclusive: 'address',
        stop: { timeoutMs: 600 },
      }),
      own: sleeper(),
    });
    const first = place.start('--state-dir', place.folder);
    const [bad, worse, own] = [await place.running('bad'), await place.running('worse'), await place.running('own')];
    await place.running('good');
    process.kill(bad, 'SIGKILL');
    await place.status('bad', 'failed', ({ state }) => state === 'failed');
    expect((await place.status('good', 'runs on', () => true)).state).to.equal('up');
    process.kill(worse, 'SIGKILL');
    await place.status('good', 'is stopped', ({ state }) => state === 'stopping');
    expect(existsSync(mark), 'not before all are gone').to.equal(false);
    const good = await place.status('good', 'given up', ({ state }) => state === 'failed');
    expect(good.trouble).to.contain('2 programs given up within 60000 ms, the last worse');
    await until('it reboots', () => (existsSync(mark) ? true : undefined));
    expect(place.marked('good')).to.deep.equal([]);
    expect(await place.running('own')).to.equal(own);

    // What was counted outlives psrmd and boot: the same again leads to no second reboot.
    first.child.kill('SIGTERM');
    await first.ended;
    expect(JSON.parse(readFileSync(join(place.folder, 'psrm-ladder.json'), 'utf8')).rebootsMs).to.have.length(1);
    place.start('--state-dir', place.folder);
    for (const program of ['bad', 'worse', 'good']) await place.order('start', program);
    process.kill(await place.running('bad'), 'SIGKILL');
    await place.status('bad', 'failed', ({ state }) => state === 'failed');
    process.kill(await place.running('worse'), 'SIGKILL');
    await until('psrmd says that it stays', () => (place.said.includes('board-beyond-reboot') ? true : undefined));
    expect(readFileSync(mark, 'utf8')).to.equal('now\n');
  });

  it('what is not wanted here is not to be started here either, until the board is trusted again', async () => {
    place.configure({
      bad: sleeper({ giveUp, exclusive: 'address' }),
      worse: sleeper({ giveUp, exclusive: 'address' }),
      good: sleeper(),
    });
    writeFileSync(mark, '');
    place.start('--state-dir', place.folder);
    expect((await place.status('good', 'is there', () => true)).state).to.equal('stopped');
    for (const program of ['bad', 'worse']) process.kill(await place.running(program), 'SIGKILL');
    await place.status('good', 'given up', ({ state }) => state === 'failed');
    // REDIRECT's agent does so when the service has moved.
    expect((await place.order('stop', 'good')).ok).to.equal(true);
    await place.order('stop', 'worse');
    expect((await place.status('good', 'is there', () => true)).state, 'still').to.equal('failed');
    expect((await place.client.call('clear', {})).ok).to.equal(true);
    await place.status('good', 'may be used again', ({ state, wanted }) => state === 'stopped' && !wanted);
    await place.status('bad', 'is wanted, and runs', ({ state }) => state === 'up');
  });

  it('refuses a reboot without a failover below it', async () => {
    place.more = 'escalation: { reboot: { command: [reboot] } }\n';
    place.configure({ own: sleeper() });
    const { code, stderr } = await place.start().ended;
    expect(code).to.equal(1);
    expect(stderr).to.contain('needs boardFailover').and.to.contain('not an absolute path');
  });
});
