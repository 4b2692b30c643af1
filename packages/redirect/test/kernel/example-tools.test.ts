import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = join(root, 'packages/redirect/bin/redirect-rules.js');
const cluster = ['--cluster', join(root, 'examples/rules-cluster.yaml')];

function tool(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

interface Example {
  readonly file: string;
  /** What is said to happen, and what is then done. */
  readonly simulate: readonly string[];
  readonly does: readonly string[];
  /** Of whom it is asked why, and what belongs to the answer. */
  readonly why: readonly string[];
  readonly answers: readonly string[];
  /** Other words in the file, and what was done in the journal that would not be done with them. */
  readonly edit: readonly [string, string];
  readonly difference: string;
}

const examples: readonly Example[] = [
  {
    file: '2n-gateway.yaml',
    simulate: ['--down', 'cpu-2'],
    does: ['+10.000 s', 'alarm major board/cpu-2 NO_STANDBY'],
    why: ['192.168.1.254'],
    answers: [
      'gateway moved from cpu-1 to cpu-2: rule gateway link flaps',
      'because fault.link-failed.cpu-1:A changes 1m was 7',
      'move gateway cpu-2: done',
    ],
    edit: ['changes 1m > 6', 'changes 1m > 60'],
    difference: 'only then: move gateway cpu-2 (rule gateway link flaps)',
  },
  {
    file: 'n+1-media.yaml',
    simulate: ['--down', 'io-1'],
    does: ['rule media board lost [io-1]', '$target: io-3', 'move media-1 io-3'],
    why: ['media-1'],
    answers: [
      'media-1 moved from io-1 to io-3: rule media board lost',
      'because board.io-1.state was down',
      'move media-1 io-3: failed: FAILED',
    ],
    edit: ['board.$board.maintenance is false', 'board.$board.maintenance is true'],
    difference: 'only then: move media-1 io-3 (rule media board lost)',
  },
  {
    file: 'n+m-load.yaml',
    simulate: ['--fact', 'board.io-5.health=6', '--time', '30s'],
    does: ['+10.000 s', 'rule worker runs late [io-5]', 'drain io-5'],
    why: ['board', 'io-4'],
    answers: ['rule worker lost [io-4]', '$target: io-6', 'move voice-1 io-6: done', 'board.io-4.holds was 1'],
    edit: ['health >= 5', 'health >= 7'],
    difference: 'only then: drain io-5 (rule worker runs late)',
  },
  {
    file: 'uplink-errors.yaml',
    simulate: ['--fact', 'snmp.switch-a.ifOperStatus.12=down'],
    does: ['+2.000 s', 'prefer-network B', 'alarm major switch/switch-a UPLINK'],
    why: ['network', 'B'],
    answers: [
      'rule uplink errors',
      'because snmp.switch-a.ifOperStatus.12 was down',
      'prefer-network B: done',
      'prefer-network B: failed',
    ],
    edit: ['> 50', '> 5000'],
    difference: 'only then: prefer-network B (rule uplink errors)',
  },
  {
    file: 'dying-program.yaml',
    simulate: ['--fact', 'program.echo.io-1.restarts=3'],
    does: ['rule program keeps dying [echo on io-1]', 'move media-1 io-3'],
    why: ['192.168.1.1'],
    answers: [
      'media-1 moved from io-1 to io-3: rule ',
      'because program.echo.io-1.restarts',
      'move media-1 io-3: done',
    ],
    edit: ['over 10s >= 3', 'over 10s >= 30'],
    difference: 'only then: move media-1 io-3 (rule ',
  },
];

/** An operator's own order: what would it do, what did it do, why, and what would another file have done. */
describe('rules: test, simulate, graph, replay and why on each shipped example', function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-examples-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { file, simulate, does, why, answers, edit, difference } of examples) {
    it(file, () => {
      const path = join(root, 'examples/failover-rules', file);
      const journal = join(folder, `${file}.journal`);
      const tested = tool('test', path, ...cluster, '--record', journal);
      expect(tested.err).to.equal('');
      expect(tested.out).to.match(/\n[1-9]\d* passed, 0 failed\n$/);

      const simulated = tool('simulate', path, ...cluster, ...simulate);
      expect(simulated.code, simulated.err).to.equal(0);
      for (const words of does) expect(simulated.out).to.include(words);

      const [above = ''] = readFileSync(path, 'utf8').split(/^tests:$/m);
      const rules = [...above.matchAll(/^ {2}- name: (.*)$/gm)].map(([, name = '']) => name);
      const graph = tool('graph', path, ...cluster);
      expect([graph.code, graph.err]).to.deep.equal([0, '']);
      const drawn = tool('graph', path, ...cluster, '--format', 'dot').out;
      expect(drawn).to.match(/^digraph rules \{/);
      for (const rule of rules) {
        expect(graph.out).to.include(`${rule} (`);
        expect(drawn).to.include(`-> "rule ${rule}"`);
      }

      const told = tool('why', ...why, ...cluster, '--journal', journal);
      expect(told.code, told.err).to.equal(0);
      for (const words of answers) expect(told.out).to.include(words);
      expect(told.out).to.match(/\(.*yaml, revision [0-9a-f]{12}\)/);

      const same = tool('replay', journal, '--rules', path, ...cluster);
      expect(same.out, same.err).to.match(/decided then (\d+), now \1; 0 differences\n$/);
      expect(same.code).to.equal(0);

      const changed = join(folder, file);
      const text = readFileSync(path, 'utf8');
      expect(text).to.include(edit[0]);
      writeFileSync(changed, text.replace(...edit));
      const other = tool('replay', journal, '--rules', changed, ...cluster);
      expect(other.out, other.err).to.include(difference);
      expect(other.code).to.equal(1);
    });
  }
});
