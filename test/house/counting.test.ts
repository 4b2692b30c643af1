import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyHouse, type Planted, root, script } from './planted.js';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
  readonly failures: readonly string[];
  /** A second run of the files in which a test failed. */
  readonly again?: (limits: { limitMs: number }) => Promise<Tally>;
}
interface Mocha {
  runMocha(options: {
    root: string;
    name: string;
    files: string[];
    human: string;
    limitMs: number;
    lingerMs?: number;
    retries?: number | undefined;
  }): Promise<Tally>;
}
interface Counting {
  sum(tallies: readonly Tally[]): Tally;
  lastLine(tally: Tally): string;
  exitCode(tally: Tally): number;
}

describe('the count of the tests', function () {
  this.timeout(30_000);
  let house: Planted;
  let counting: Counting;
  let runMocha: Mocha['runMocha'];
  before(async () => {
    counting = await script<Counting>('tally.mjs');
    ({ runMocha } = await script<Mocha>('mocha.mjs'));
  });
  beforeEach(() => {
    house = emptyHouse();
  });
  afterEach(() => house.remove());

  const count = (text: string, limitMs = 20_000, retries?: number): Promise<Tally> => {
    house.plant({ 'planted.test.js': text });
    const files = [join(house.folder, 'planted.test.js')];
    return runMocha({ root, name: 'planted', files, human: 'silent', limitMs, lingerMs: 300, retries });
  };

  it('passed, failed and skipped are exact, and named', async () => {
    const tally = await count(`describe('a', () => {
      it('passes', () => console.error('7 passed, 0 failed'));
      it('passes too', () => {});
      it('fails', () => { throw new Error('no'); });
      it('has no tool', function () { this.skip(); });
    });`);
    expect(tally).to.include({ passed: 2, failed: 1 });
    expect(tally.skipped).to.deep.equal(['a has no tool']);
    expect(tally.failures).to.deep.equal(['planted: a fails']);
  });

  it('a second try counts where one is given, and a test that fails twice has failed', async () => {
    const text = `let tries = 0;
    it('fails once', () => { if (tries++ === 0) throw new Error('no'); });
    it('fails twice', () => { throw new Error('no'); });`;
    expect(await count(text)).to.include({ passed: 0, failed: 2 });
    expect(await count(text, 20_000, 1)).to.include({ passed: 1, failed: 1 });
  });

  it('files in which a test failed are run again when asked for, and counted anew', async () => {
    const once = join(house.folder, 'once');
    house.plant({
      'good.test.js': "it('good', () => {});",
      'bad.test.js': `import { existsSync, writeFileSync } from 'node:fs';
        it('stands', () => {}); it('has no tool', function () { this.skip(); }); it('never', () => { throw new Error('no'); });
        it('once', () => { if (!existsSync('${once}')) { writeFileSync('${once}', ''); throw new Error('no'); } });`,
    });
    const files = ['good.test.js', 'bad.test.js'].map((name) => join(house.folder, name));
    const first = await runMocha({ root, name: 'planted', files, human: 'silent', limitMs: 20_000, lingerMs: 300 });
    expect(first).to.include({ passed: 2, failed: 2 });
    const second = await first.again?.({ limitMs: 20_000 });
    expect(second).to.deep.equal({ passed: 3, failed: 1, skipped: ['has no tool'], failures: ['planted: never'] });
  });

  it('a file that cannot be read is a failure', async () => {
    const tally = await count('import nothing from "./missing.js";');
    expect(tally).to.include({ passed: 0, failed: 1 });
    expect(tally.failures[0]).to.match(/the run ended with code/);
  });

  it('a process that dies halfway is a failure, and what passed before it stands', async () => {
    const tally = await count("it('a', () => {}); it('b', () => process.exit(0)); it('c', () => {});");
    expect(tally).to.include({ passed: 1, failed: 1 });
  });

  it('a process that is killed is a failure', async () => {
    const tally = await count("it('a', () => process.kill(process.pid, 'SIGKILL'));");
    expect(tally.failures).to.deep.equal(['planted: the run ended with SIGKILL']);
  });

  it('a run without end is ended at its limit', async () => {
    const tally = await count("it('a', function (done) { this.timeout(0); setInterval(() => {}, 1000); });", 1_500);
    expect(tally.failures).to.deep.equal(['planted: the run was ended after 1.5 s']);
  });

  it('what the tests left running is a failure, and named by its kind', async () => {
    const tally = await count("it('a', () => { setInterval(() => {}, 1000); });");
    expect(tally).to.include({ passed: 1, failed: 1 });
    expect(tally.failures).to.deep.equal(['planted: the tests left something running: Timeout']);
  });

  it('`only` is refused: it would leave out the rest in silence', async () => {
    const tally = await count("it.only('a', () => {}); it('b', () => {});");
    expect(tally.failed).to.be.greaterThan(0);
  });

  it('the last line says what was skipped only where something was', () => {
    const none: Tally = { passed: 2, failed: 0, skipped: [], failures: [] };
    expect(counting.lastLine(none)).to.equal('2 passed, 0 failed');
    const all = counting.sum([none, { passed: 1, failed: 1, skipped: ['x'], failures: ['y'] }]);
    expect(counting.lastLine(all)).to.equal('3 passed, 1 failed, 1 skipped');
  });

  it('the exit code tells of a failure, and of nothing run', () => {
    const none: Tally = { passed: 0, failed: 0, skipped: ['all'], failures: [] };
    expect(counting.exitCode({ ...none, passed: 3 })).to.equal(0);
    expect(counting.exitCode({ ...none, passed: 3, failed: 1 })).to.equal(1);
    expect(counting.exitCode(none)).to.equal(1);
  });

  it('CI calls the same script as people do', () => {
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).to.match(/npm --silent test/);
  });
});
