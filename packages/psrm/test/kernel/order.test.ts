import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { entry } from './programs.js';
import { Place, until } from './psrmd.js';

const sleeper = (fields: object = {}) => entry({ command: ['/bin/sleep', '1000'], ...fields });
/** Says when it starts and ends, and takes its time for the end. */
const slow = (fields: object = {}) =>
  entry({
    command: [
      '/bin/sh',
      '-c',
      'fin() { sleep 0.3; echo end $(date +%s%N); exit 0; }; trap fin TERM; echo begin $(date +%s%N); while :; do sleep 0.05; done',
    ],
    ...fields,
  });

describe('the order of programs', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
    mkdirSync(place.runDir);
  });
  afterEach(() => place.clean('db', 'web', 'log'));

  /** When it first began, or last ended, by its own clock. */
  const said = (program: string, what: 'begin' | 'end'): bigint => {
    const lines = place
      .output(program)
      .split('\n')
      .filter((line) => line.startsWith(what));
    expect(lines, `${program} ${what}`).to.have.length.above(0);
    return BigInt((what === 'begin' ? lines[0] : lines.at(-1))?.split(' ')[1] ?? '0');
  };

  it('starts each when what it is after is ready, and at the same time what knows nothing of each other', async () => {
    place.configure({
      web: sleeper({ requires: ['db'] }),
      db: slow({ ready: { by: 'delay', delayMs: 700 } }),
      log: sleeper(),
    });
    place.start();
    const waits = await place.status('web', 'waits', ({ waitsFor }) => waitsFor === 'db');
    expect([waits.state, waits.pid, waits.wanted]).to.deep.equal(['starting', undefined, true]);
    await place.running('log');
    expect((await place.status('db', 'is there', () => true)).state, 'before db is ready').to.be.oneOf([
      'starting',
      'up',
    ]);
    await place.status('db', 'ready', ({ state }) => state === 'ready');
    await place.running('web');
  });

  it('stops what stands on it first, and lets it wait until it is back', async () => {
    place.configure({ db: slow(), web: slow({ requires: ['db'] }) });
    place.start();
    const web = await place.running('web');
    await until('web began', () => (place.output('web').includes('begin') ? true : undefined));
    expect((await place.order('stop', 'db')).ok).to.equal(true);
    const left = await place.status('web', 'waits', ({ waitsFor }) => waitsFor === 'db');
    expect([left.state, left.pid]).to.deep.equal(['starting', undefined]);
    expect(place.marked('db').length + place.marked('web').length).to.equal(0);
    expect(said('web', 'end') < said('db', 'end'), 'web went first').to.equal(true);
    await place.order('start', 'db');
    await place.running('web', web);
  });

  it('what it requires is given up: it ends, and comes back with it; what is only after it stays', async () => {
    const giveUp = { deaths: 1, withinMs: 60_000 };
    place.configure({ db: sleeper({ giveUp }), web: sleeper({ requires: ['db'] }), log: sleeper({ after: ['db'] }) });
    place.start();
    const [db, web, log] = [await place.running('db'), await place.running('web'), await place.running('log')];
    process.kill(db, 'SIGKILL');
    await place.status('db', 'failed', ({ state }) => state === 'failed');
    const left = await place.status('web', 'waits', ({ waitsFor }) => waitsFor === 'db');
    expect([left.state, left.restarts], 'no death of its own').to.deep.equal(['starting', 0]);
    expect(await place.running('log')).to.equal(log);
    await place.order('start', 'db');
    await place.running('web', web);
  });

  it('a death that is restarted stops nobody', async () => {
    place.configure({ db: sleeper(), web: sleeper({ requires: ['db'] }) });
    place.start();
    const [db, web] = [await place.running('db'), await place.running('web')];
    process.kill(db, 'SIGKILL');
    await place.running('db', db);
    expect(await place.running('web')).to.equal(web);
  });

  it('psrmd that returns adopts both, and what waited waits on', async () => {
    place.configure({ db: sleeper(), web: sleeper({ requires: ['db'] }), log: sleeper({ requires: ['db'] }) });
    const first = place.start();
    const [db, web] = [await place.running('db'), await place.running('web')];
    first.child.kill('SIGKILL');
    await first.ended;
    place.start();
    await place.status('web', 'adopted', ({ pid }) => pid === web);
    expect(await place.running('db')).to.equal(db);
    await place.order('stop', 'db');
    await place.status('web', 'waits', ({ waitsFor }) => waitsFor === 'db');
  });

  it('--stop-programs stops them in order', async () => {
    place.configure({ db: slow(), log: slow({ after: ['db'] }), web: slow({ requires: ['db'], after: ['log'] }) });
    const { child, ended } = place.start('--stop-programs');
    await place.running('web');
    await until('web began', () => (place.output('web').includes('begin') ? true : undefined));
    child.kill('SIGTERM');
    expect((await ended).code).to.equal(0);
    expect(said('web', 'end') < said('log', 'end'), 'web before log').to.equal(true);
    expect(said('log', 'end') < said('db', 'end'), 'log before db').to.equal(true);
  });

  it('refuses a circle, a stranger, and what runs elsewhere, each with its line', async () => {
    place.configure({
      db: sleeper({ after: ['web'] }),
      web: sleeper({ requires: ['db'], after: ['nobody'] }),
    });
    const { code, stderr } = await place.start().ended;
    expect(code).to.equal(1);
    expect(stderr).to.contain('waits for itself: db after web after db').and.to.contain('unknown program \\"nobody\\"');
    expect(stderr).to.match(/cluster\.yaml:\d+/);
  });
});
