import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Chapter, ProgramStatus } from '@softset/protocol';
import { expect } from 'chai';
import { patience, run, until } from './bench.js';

const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const psrmd = fileURLToPath(new URL('../../packages/psrm/bin/psrmd.js', import.meta.url));

describe('softset psrm, beside a psrmd', function () {
  this.timeout(60_000 * patience);
  let folder: string;
  let runDir: string;
  let daemon: ChildProcess;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'psrm-command-'));
    runDir = join(folder, 'run');
    const script = 'echo "born $SOFTSET_START"; while :; do sleep 0.1; done';
    const programs = {
      web: { command: ['/bin/sh', '-c', script], boards: ['cpu-1'], giveUp: { deaths: 2, withinMs: 60_000 } },
      slow: { command: ['/bin/sleep', '1000'], boards: ['cpu-1'], log: { bytesMax: 4096 } },
    };
    writeFileSync(
      join(folder, 'cluster.yaml'),
      `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
programs: ${JSON.stringify(programs)}
`,
    );
    const options = [
      '--cluster',
      join(folder, 'cluster.yaml'),
      '--board',
      'cpu-1',
      '--run-dir',
      runDir,
      '--stop-programs',
    ];
    daemon = spawn(process.execPath, [psrmd, ...options], { stdio: 'ignore' });
    await until('both run', () => (list().filter(({ pid }) => pid !== undefined).length === 2 ? true : undefined));
  });
  after(async () => {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (...words: string[]) => run(softset, ['psrm', ...words, '--run-dir', runDir]);
  function list(): readonly ProgramStatus[] {
    const { code, out } = ask('list', '--json');
    return code === 0 ? (JSON.parse(out) as ProgramStatus[]) : [];
  }

  it('list and status: a table, one program, and an unknown one refused by name', () => {
    expect(ask('list').out).to.match(/^PROGRAM +STATE .*\n(slow|web) +up /);
    const { code, out } = ask('status', 'web');
    expect([code, out.trim().split('\n').length]).to.deep.equal([0, 2]);
    const refused = ask('status', 'nobody');
    expect(refused.code).to.equal(1);
    expect(refused.err).to.contain('no program "nobody"; it has: web, slow');
  });

  it('log: each line with the time by which it was written; -f goes on, also when the log turns over', async () => {
    await until('the line is stamped', () => (existsSync(join(runDir, 'log', 'web.times')) ? true : undefined));
    const { code, out } = ask('log', 'web');
    expect(code).to.equal(0);
    const [at = '', words] = out.trim().split('  ');
    expect(words).to.equal('born 1');
    expect(Date.now() - Date.parse(at)).to.be.within(0, 30_000 * patience);
    const json = JSON.parse(ask('log', 'web', '--json', '--lines', '1').out) as { atMs: number; text: string };
    expect(json).to.deep.equal({ atMs: Date.parse(at), text: 'born 1' });
    expect(ask('log', 'nobody').code).to.equal(1);
    expect(ask('log', 'web', '--lines', 'many').code).to.equal(100);

    // As the program writes: appended to its file.
    const path = join(runDir, 'log', 'slow.log');
    const follower = spawn(process.execPath, [softset, 'psrm', 'log', '-f', '-n', '0', 'slow', '--run-dir', runDir]);
    let seen = '';
    follower.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    try {
      const says = async (line: string): Promise<void> => {
        await until(`${line} is shown`, async () => {
          if (seen.includes(line)) return true;
          appendFileSync(path, `${line}\n`);
          await sleep(300);
          return undefined;
        });
      };
      await says('first words');
      appendFileSync(path, `${'x'.repeat(5000)}\n`);
      await until('it turned over', () => (existsSync(`${path}.1`) ? true : undefined));
      await says('after the turn');
      expect(readFileSync(path).length).to.be.lessThan(4096);
      expect(seen).to.match(/^\d{4}-\d\d-\d\dT.*Z {2}first words$/m);
    } finally {
      follower.kill('SIGINT');
    }
  });

  it('why: who ordered what, what happened, and the chain; it outlives psrmd', async () => {
    const kill = async (): Promise<void> => {
      const { pid = 0 } = list().find(({ program }) => program === 'web') ?? {};
      process.kill(pid, 'SIGKILL');
      await until('it is another', () => {
        const now = list().find(({ program }) => program === 'web');
        return now && (now.state === 'failed' || (now.pid !== undefined && now.pid !== pid)) ? true : undefined;
      });
    };
    expect(ask('restart', 'web').code).to.equal(0);
    await kill();
    await kill();
    const { code, out } = ask('why', 'web');
    expect(code).to.equal(0);
    expect(out).to.contain(`ordered to restart by softset (pid `);
    expect(out.trim().split('\n').at(-1)).to.match(
      /^web is failed: signal KILL; restarted \(restart 1\) → signal KILL; given up: 2 deaths within 60000 ms$/,
    );
    const { history, chain } = JSON.parse(ask('why', 'web', '--json').out) as { history: Chapter[]; chain: string };
    expect(history.map(({ state }) => state)).to.include.members(['starting', 'up', 'failed']);
    expect(chain).to.contain('given up');
    expect(ask('start', 'web').code).to.equal(0);
    await until('it runs', () => (list().find(({ program }) => program === 'web')?.state === 'up' ? true : undefined));
    expect(ask('why', 'web').out.trim().split('\n').at(-1), 'a chain begins with the order').to.equal('web is up');
  });
});
