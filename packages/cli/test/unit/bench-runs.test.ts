import { keepalivedConfig } from '@softset/cli/bench/failover/keepalived.js';
import { withPrograms } from '@softset/cli/bench/failover/services.js';
import { type Taken, Takings } from '@softset/cli/bench/failover/taken.js';
import { chosen } from '@softset/cli/bench/run.js';
import { clusterText, quickTiming } from '@softset/cli/demo/cluster-file.js';
import { expect } from 'chai';

function runs(...all: readonly Taken[]): () => Promise<Taken> {
  const left = [...all];
  return async () => left.shift() ?? { unable: 'taken too often' };
}

describe('bench: runs whose prober stalled', () => {
  it('counts a quiet run at once', async () => {
    const takings = new Takings();
    await takings.take(runs({ ms: 30, stallMs: 5 }));
    expect(takings.measured()).to.deep.equal({ samples: [30], notes: [] });
  });

  it('takes a stalled run again, and counts how often', async () => {
    const takings = new Takings();
    await takings.take(runs({ ms: 99, stallMs: 60 }, { ms: 30, stallMs: 1 }));
    expect(takings.measured()).to.deep.equal({
      samples: [30],
      notes: ['1 run taken again: the prober was held up'],
    });
  });

  it('takes it again twice at most, and then says how much it was held up', async () => {
    const takings = new Takings();
    const stalled = { ms: 99, stallMs: 60.4 };
    await takings.take(runs(stalled, stalled, stalled, { ms: 1, stallMs: 0 }));
    expect(takings.measured()).to.deep.equal({
      samples: [99],
      notes: ['2 runs taken again: the prober was held up', '1 figure of a prober that was held up, by 60 ms at most'],
    });
  });

  it('keeps why a run gave no figure, once for all of them', async () => {
    const takings = new Takings();
    for (let run = 0; run < 3; run++) await takings.take(runs(run === 1 ? { ms: 2, stallMs: 0 } : { unable: 'mute' }));
    expect(takings.measured()).to.deep.equal({ samples: [2], notes: ['mute (2 of 3 runs)'] });
  });
});

describe('bench: what it is asked', () => {
  it('takes all where nothing is named, else what is named', () => {
    expect(chosen('case', undefined, ['a', 'b'])).to.equal(undefined);
    expect(chosen('case', 'b, a', ['a', 'b'])).to.deep.equal(['b', 'a']);
  });

  it('names what there is when asked for something else', () => {
    expect(chosen('case', 'a,c', ['a', 'b'])).to.deep.equal({ message: 'there is no case "c"; there are a, b' });
  });
});

describe('bench: files that it writes', () => {
  it('gives only keepalived-rt a real-time priority', () => {
    const of = (variant: 'keepalived' | 'keepalived-rt'): string =>
      keepalivedConfig('cpu-1', 254, variant, '192.168.1.1');
    expect(of('keepalived-rt')).to.contain('vrrp_rt_priority 50');
    expect(of('keepalived')).not.to.contain('priority 50');
    expect(of('keepalived')).to.contain('advert_int 0.01').and.contain('192.168.1.1/32 dev a0');
  });

  it('adds its programs to those of the cluster file', () => {
    const text = withPrograms(
      clusterText('version: 1\n', quickTiming, { media: { programs: ['echo'] } }, { echo: {} }),
    );
    const programs: unknown = JSON.parse(/^programs: (\{[\s\S]*)$/m.exec(text)?.[1] ?? '{}');
    expect(programs).to.have.all.keys('echo', 'clock', 'guarded-echo');
    expect(text.match(/"clock"/g)?.length).to.equal(1);
    expect(text).to.contain('echo $$ ');
  });
});
