import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DaemonProgram, daemonPrograms, exampleCluster } from '@softset/cli/demo/places.js';
import { expect } from 'chai';
import { patience, run } from './bench.js';

const example = readFileSync(exampleCluster, 'utf8');
const daemons = Object.entries(daemonPrograms) as [DaemonProgram, string][];

/** The number of the line that begins with `start`. */
function lineOf(text: string, start: string): number {
  return text.split('\n').findIndex((line) => line.startsWith(start)) + 1;
}

describe('a bad configuration', function () {
  this.timeout(120_000 * patience);
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-e2e-'));
    writeFileSync(join(folder, 'chassis.key'), `${'5a'.repeat(32)}\n`, { mode: 0o600 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts a daemon for good, not only to check: what is refused must leave nothing half done. */
  function start(program: string, text: string): { code: number | null; err: string; left: string[] } {
    const file = join(folder, 'chassis.yaml');
    const runDir = join(folder, 'run');
    writeFileSync(file, text);
    const { code, err } = run(program, ['--cluster', file, '--board', 'cpu-1', '--run-dir', runDir]);
    let left: string[] = [];
    try {
      left = readdirSync(runDir).filter((name) => !name.endsWith('.lock'));
    } catch {
      // Not even the directory.
    }
    return { code, err, left };
  }

  const twice = example.replace('cpu-2: { id: 2,', 'cpu-2: { id: 1,');
  const unknown = example.replace('  intervalMs: 10', '  intervalMs: 10\n  intervallMs: 10');
  const outside = example.replace('A: 10.1.1.11,', 'A: 10.9.1.11,');
  const cases: [string, string, (text: string) => string[]][] = [
    [
      'an unknown field',
      unknown,
      (text) => [`chassis.yaml:${lineOf(text, '  intervallMs')}`, 'timing.intervallMs', 'unknown field'],
    ],
    [
      'a duplicate board id',
      twice,
      (text) => [`chassis.yaml:${lineOf(text, '  cpu-2')}`, 'boards.cpu-2.id', "cpu-1's already"],
    ],
    [
      'an address outside its network',
      outside,
      (text) => [`chassis.yaml:${lineOf(text, '  io-1')}`, 'boards.io-1.A', '10.1.0.0/16'],
    ],
  ];
  for (const [what, text, words] of cases) {
    it(`${what} is refused by every daemon, with file, line and field`, () => {
      expect(text).to.not.equal(example);
      for (const [name, program] of daemons) {
        const { code, err, left } = start(program, text);
        for (const word of words(text)) expect(err, name).to.include(word);
        expect(code, name).to.equal(1);
        expect(left, name).to.deep.equal([]);
      }
    });
  }

  const keyed = daemons.filter(([name]) => name === 'netrack-pulse' || name === 'netrackd');

  it('a missing key file is named, with the cure', () => {
    rmSync(join(folder, 'chassis.key'));
    for (const [name, program] of keyed) {
      const { code, err } = start(program, example);
      expect(err, name).to.include('chassis.key: cannot read the key').and.include('mode 0600');
      expect(code, name).to.equal(1);
    }
  });

  it('a key file that others can read is refused, with the cure', () => {
    chmodSync(join(folder, 'chassis.key'), 0o644);
    for (const [name, program] of keyed) {
      const { code, err } = start(program, example);
      expect(err, name)
        .to.include('mode 0644')
        .and.include(`chmod 0600 ${join(folder, 'chassis.key')}`);
      expect(code, name).to.equal(1);
    }
  });
});
