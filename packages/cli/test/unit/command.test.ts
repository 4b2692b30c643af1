import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));

function softset(args: readonly string[], env: Record<string, string> = {}) {
  const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('the softset command', function () {
  this.timeout(30_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-cli-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('says its version', () => {
    expect(softset(['--version'])).to.deep.equal({ code: 0, out: '0.1.0\n', err: '' });
  });

  it('ends with 100 where it is used wrongly, and says how to go on', () => {
    const cases: [string[], string][] = [
      [['stauts'], 'status'],
      [['status', '--jsom'], '--json'],
      [['path'], 'board'],
      [['status', '--board', 'cpu-1'], '--board goes with --lab'],
      [['status', '--lab', 'x', '--run-dir', 'y'], 'not both'],
      [['demo', '--steps', 'crsh'], 'program-hang'],
      [['demo', '--repeat', '0'], '--repeat 0'],
      [['lab', 'up', 'none.yaml', '--life-hours', 'long'], '--life-hours long'],
    ];
    for (const [args, text] of cases) {
      const { code, err } = softset(args);
      expect(err, args.join(' ')).to.include(text);
      expect(code, args.join(' ')).to.equal(100);
    }
  });

  it('says of every operating command what it would do, when it is asked: --dry-run', () => {
    // What only looks has nothing to plan.
    const looks = ['help', 'list', 'explain'];
    for (const group of ['service', 'board', 'network']) {
      const usage = softset([group, '--help']).out;
      const verbs = [...usage.matchAll(/^ {2}([a-z]+) \[/gm)].map(([, verb = '']) => verb);
      expect(verbs.length, usage).to.be.greaterThan(1);
      for (const verb of verbs.filter((one) => !looks.includes(one)))
        expect(softset([group, verb, '--help']).out, `${group} ${verb}`).to.include('--dry-run');
    }
  });

  it('prints the usage of every command on standard output when it is asked for', () => {
    const commands = [
      '',
      'status',
      'watch',
      'path',
      'service',
      'service move',
      'service explain',
      'board',
      'board drain',
      'psrm',
      'psrm start',
      'lab',
      'lab up',
    ];
    for (const words of [...commands, 'why', 'journal', 'lab fault', 'demo', 'sim', 'bench']) {
      const { code, err, out } = softset([...words.split(' ').filter(Boolean), '--help']);
      expect([code, err], words).to.deep.equal([0, '']);
      expect(out, words).to.match(/^usage: softset/i);
    }
  });

  it('ends with 111 where no daemon answers, and names the directory', () => {
    for (const args of [
      ['status'],
      ['path', 'cpu-1'],
      ['service', 'list'],
      ['service', 'move', 'media'],
      ['psrm', 'status'],
      ['geodhcp', 'leases'],
      ['geodhcp', 'locate', '02:00:00:00:00:01'],
    ]) {
      const { code, err, out } = softset([...args, '--run-dir', folder]);
      expect(err, args.join(' ')).to.include(folder);
      expect(out).to.equal('');
      expect(code, args.join(' ')).to.equal(111);
    }
  });

  it('ends with 1 where there is no such lab, and says which there are', () => {
    const env = { SOFTSET_LAB_DIR: join(folder, 'labs') };
    for (const args of [
      ['status', '--lab', 'nowhere'],
      ['lab', 'down', '--name', 'nowhere'],
      ['lab', 'heal', '--name', 'nowhere'],
    ]) {
      const { code, err } = softset(args, env);
      expect(err, args.join(' ')).to.match(/^softset: there is no lab "nowhere"/);
      expect(code, args.join(' ')).to.equal(1);
    }
  });

  it('finds a lab that was killed dead, and says how to remove it', () => {
    mkdirSync(join(folder, 'graves', 'old', 'boards', 'cpu-1', 'run'), { recursive: true });
    // No process has had this pid since that instant.
    const state = { name: 'old', state: 'up', pid: process.pid, startTicks: 1, userNamespace: false, createdAt: '' };
    writeFileSync(join(folder, 'graves', 'old', 'state.json'), JSON.stringify(state));
    const { code, err } = softset(['status', '--lab', 'old'], { SOFTSET_LAB_DIR: join(folder, 'graves') });
    expect(err).to.include('softset lab down --name old');
    expect(code).to.equal(1);
  });

  it('rules, why and journal: what their program says, with its exit code', function () {
    // Two processes for each line of it.
    this.timeout(120_000);
    const rules = join(folder, 'rules.yaml');
    const groups = 'groups: { g: { members: [io-1], policy: n-way } }';
    const text = (fact: string): string =>
      `version: 1\n${groups}\nrules: [ { name: r, when: board.io-1.${fact} is down, do: [ { alarm: gone } ] } ]\n`;
    writeFileSync(rules, text('state'));
    expect(softset(['rules', 'check', rules])).to.include({ code: 0, err: '' });
    expect(softset(['rules', 'simulate', rules, '--down', 'io-1', '--json']).out).to.equal(
      '{"decided":[{"atMs":0,"rule":"r","action":"alarm major rule/r RULE gone"}]}\n',
    );
    writeFileSync(rules, text('stat'));
    const bad = softset(['rules', 'check', rules]);
    expect(bad.code).to.equal(1);
    expect(bad.err).to.match(/rules\.yaml:3:\d+: error: no fact "stat" of a board; did you mean "state"\?/);
    expect(softset(['rules', 'chekc', rules]).code).to.equal(100);
    expect(softset(['rules', 'check', join(folder, 'absent.yaml')]).code).to.equal(111);
    expect(softset(['why', 'media', '--state-dir', folder]).code).to.equal(111);
    expect(softset(['journal', '--state-dir', folder]).code).to.equal(111);
  });

  it('loads neither the lab nor the simulator for a status', () => {
    // V8 lists every script that ran, and writes the list when the process ends.
    const coverage = join(folder, 'coverage');
    softset(['status', '--lab', 'nowhere'], { NODE_V8_COVERAGE: coverage });
    const loaded = readdirSync(coverage).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
      return result.map((script) => script.url);
    });
    expect(loaded.some((url) => url.endsWith('/status/command.js'))).to.equal(true);
    expect(
      loaded.filter((url) => /\/(lab\/dist\/(lab|index)\.js|sim\/|yaml\/|zod\/|execa\/|demo\/)/.test(url)),
    ).to.deep.equal([]);
  });
});
