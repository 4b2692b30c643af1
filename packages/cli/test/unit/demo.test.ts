import { readFileSync } from 'node:fs';
import { plain } from '@softset/cli/colour.js';
import { calmTiming, clusterText, quickTiming } from '@softset/cli/demo/cluster-file.js';
import { diagnosisFrom } from '@softset/cli/demo/diagnosis.js';
import { PROCESSORS_MIN, paceFor } from '@softset/cli/demo/pace.js';
import { exampleCluster } from '@softset/cli/demo/places.js';
import { echo } from '@softset/cli/demo/programs.js';
import { header, rows } from '@softset/cli/demo/show.js';
import { type StepReport, stepIds } from '@softset/cli/demo/step.js';
import { steps } from '@softset/cli/demo/steps.js';
import type { Heard } from '@softset/cli/demo/witness.js';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';

const example = readFileSync(exampleCluster, 'utf8');
const services = { media: { addresses: ['192.168.1.1/32'], pool: ['cpu-1', 'cpu-2'], programs: ['echo'] } };

describe("the demonstration's cluster file", () => {
  for (const [name, timing] of Object.entries({ quickTiming, calmTiming })) {
    it(`is one that the daemons take, with ${name}`, () => {
      const text = clusterText(example, timing, services, { echo: echo() });
      const parsed = parseClusterFile(text, 'chassis.yaml');
      if (!parsed.ok) throw new Error(parsed.message);
      expect(parsed.value.timing).to.deep.equal(timing);
      expect(parsed.value.boards.map((board) => board.name)).to.include.members(['cpu-1', 'ccn', 'router-1']);
      expect(parsed.value.programs.map((program) => program.name)).to.deep.equal(['echo']);
    });
  }

  it('keeps the comments and boards of the example', () => {
    const text = clusterText(example, quickTiming, services, {});
    expect(text.split('\n')[0]).to.equal(example.split('\n')[0]);
    expect(text).to.include('gateway: router-1');
    expect(text).to.not.include('softset-echo, --port');
  });
});

describe('the pace of the demonstration', () => {
  const few = PROCESSORS_MIN - 1;
  const machine = (realTime: boolean, processors: number) => ({ realTime, processors });

  it('is quick where pulses have real-time scheduling and boards enough processors', () => {
    expect(paceFor(machine(true, PROCESSORS_MIN), {})).to.deep.equal({ timing: quickTiming });
  });

  it('is calm where they have not, and says why', () => {
    const cases = [
      [paceFor(machine(false, 64), { quick: true }), 'no real-time scheduling'],
      [paceFor(machine(true, few), {}), `share ${few} processors`],
      [paceFor(machine(true, 1), {}), 'share one processor'],
      [paceFor(machine(true, 64), { calm: true }), 'as you wished'],
    ] as const;
    for (const [{ timing, why }, reason] of cases) {
      expect(timing).to.equal(calmTiming);
      expect(why).to.contain(reason);
    }
  });

  it('is quick on few processors where the operator insists', () => {
    expect(paceFor(machine(true, few), { quick: true })).to.deep.equal({ timing: quickTiming });
  });
});

describe('the steps of the demonstration', () => {
  it('are those of the fixed list, in its order', () => {
    expect(steps.map((step) => step.id)).to.deep.equal([...stepIds]);
    expect(stepIds).to.deep.equal([
      'network-down',
      'network-mute',
      'link-down',
      'crash',
      'return',
      'crash-director',
      'program-restart',
      'program-move',
      'program-hang',
      'daemons-restart',
      'daemons-lost',
      'freeze',
      'planned',
    ]);
  });
});

describe('the diagnosis of a step', () => {
  const heard = (board: string, target: string, fromMs: number, toMs: number): Heard => ({
    board,
    kind: 'link-failed',
    target,
    evidence: '',
    fromMs,
    toMs,
  });

  it('is what stood for long, not what passed', () => {
    const all = [
      heard('ccn', 'io-1:A', 100, 120),
      heard('ccn', 'cpu-1:A', 110, Infinity),
      heard('io-1', 'cpu-1:A', 112, 600),
    ];
    expect(diagnosisFrom(all, 100, 700)).to.equal('link of cpu-1 to A failed');
  });

  it('is not what came after the step', () => {
    expect(diagnosisFrom([heard('ccn', 'io-1:A', 800, 900)], 100, 700)).to.equal('nothing wrong');
  });

  it('has what psrmd found, once', () => {
    const program = { ...heard('cpu-1', '', 200, 200), kind: 'program', evidence: 'echo restarted on cpu-1' } as const;
    expect(diagnosisFrom([program, { ...program }], 100, 700)).to.equal('echo restarted on cpu-1');
  });
});

describe('the table of the demonstration', () => {
  const report: StepReport = {
    step: 'crash-director',
    fault: 'crash cpu-1, the director',
    diagnosis: 'board cpu-1 failed; link of router-1 to A works one way only; link of router-1 to B works one way only',
    holderBefore: 'cpu-1',
    holderAfter: 'cpu-2',
    outageMs: 1234.5,
    budgetMs: 50,
    holdersMax: 1,
    ok: true,
  };

  it('fits 80 columns, and marks what is over its budget', () => {
    const lines = [header(), ...rows(report, plain)];
    for (const line of lines) expect(line.length, line).to.be.at.most(80);
    expect(lines[1]).to.match(/^crash-director +1234\.5 ms +50 ms +250–500 ms +cpu-1 → cpu-2 +ok \*$/);
  });

  it('says why a step failed, and that two answered before anything else', () => {
    const failed = { ...report, ok: false, message: 'cpu-2 did not answer within 5 s' };
    expect(rows(failed, plain).at(-1)).to.equal('  cpu-2 did not answer within 5 s');
    expect(rows({ ...failed, holdersMax: 2 }, plain).at(-1)).to.equal(
      '  2 boards answered for the address at one time',
    );
  });
});
