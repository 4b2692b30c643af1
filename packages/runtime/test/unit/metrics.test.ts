import { Metrics } from '@softset/runtime/metrics.js';
import { expect } from 'chai';

describe('metrics', () => {
  it('are written in Prometheus text form 0.0.4', () => {
    const metrics = new Metrics();
    const beats = metrics.counter('softset_beats_total', 'Beats heard.\nAll of them.');
    beats.with({ network: 'A' }).add(3);
    beats.with({ peer: 'a"b\\c\n', network: 'B' }).add();
    metrics.gauge('softset_boards', 'Boards up.').set(4);
    metrics.observedGauge('softset_queue', 'Waiting.', () => 7);
    metrics.observed('counter', 'softset_refused_total', 'Refused.', () => [[{ code: 'FORGED' }, 2]]);
    const times = metrics.histogram('softset_call_seconds', 'Calls.', [0.1, 1]);
    for (const value of [0.1, 0.5, 3]) times.observe(value);
    expect(metrics.text().trimEnd().split('\n')).to.deep.equal([
      '# HELP softset_beats_total Beats heard.\\nAll of them.',
      '# TYPE softset_beats_total counter',
      'softset_beats_total{network="A"} 3',
      'softset_beats_total{network="B",peer="a\\"b\\\\c\\n"} 1',
      '# HELP softset_boards Boards up.',
      '# TYPE softset_boards gauge',
      'softset_boards 4',
      '# HELP softset_queue Waiting.',
      '# TYPE softset_queue gauge',
      'softset_queue 7',
      '# HELP softset_refused_total Refused.',
      '# TYPE softset_refused_total counter',
      'softset_refused_total{code="FORGED"} 2',
      '# HELP softset_call_seconds Calls.',
      '# TYPE softset_call_seconds histogram',
      'softset_call_seconds_bucket{le="0.1"} 1',
      'softset_call_seconds_bucket{le="1"} 2',
      'softset_call_seconds_bucket{le="+Inf"} 3',
      'softset_call_seconds_sum 3.6',
      'softset_call_seconds_count 3',
    ]);
  });

  it('refuse names without a unit, names twice, and counters that fall', () => {
    const metrics = new Metrics();
    const counter = metrics.counter('a_total', '');
    expect(() => metrics.counter('a_total', '')).to.throw(/once/);
    expect(() => metrics.counter('b', '')).to.throw(/_total/);
    expect(() => metrics.observed('counter', 'b', '', () => [])).to.throw(/_total/);
    expect(() => metrics.histogram('b', '')).to.throw(/unit/);
    expect(() => metrics.gauge('Bad-name', '')).to.throw(/name/);
    expect(() => counter.add(-1)).to.throw(/rises/);
  });

  it('keep their memory bounded when labels come from outside', () => {
    const metrics = new Metrics();
    const counter = metrics.counter('a_total', '');
    for (let i = 0; i < 1_500; i++) counter.with({ peer: `p${i}` }).add();
    expect(metrics.text().split('\n').length).to.be.below(1_010);
    expect(metrics.text()).to.contain('a_total{series="overflow"} 500');
  });
});
