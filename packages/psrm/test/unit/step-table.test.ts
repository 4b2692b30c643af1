import type { Event, Phase } from '@softset/psrm/core/events.js';
import { initial, type State } from '@softset/psrm/core/state.js';
import { step } from '@softset/psrm/core/step.js';
import { expect } from 'chai';
import { eventOf, instance, wrapping } from '../wrapping.js';

/** Past the grace (2000 ms) and short of a quiet time (10 s), after life 1 began at 0; every deadline is due. */
const nowMs = 5000;
const trouble = 'misses probes';
const alive = { wanted: true, number: 1, instance: instance(1) };

/** The states that the rows stand for; `starting` and `stopping` have several, told apart by what they wait for. */
const rows = {
  stopped: { ...initial },
  failed: { ...initial, phase: 'failed', wanted: true, number: 1, deathsMs: [1, 2, 3], streak: 3 },
  'starting, spawns': { ...initial, phase: 'starting', wanted: true, number: 1, spawning: true },
  'starting, cleans': { ...initial, ...alive, phase: 'starting', ended: true, streak: 1 },
  'starting, pauses': { ...initial, phase: 'starting', wanted: true, number: 1, pausedUntilMs: 4000 },
  up: { ...initial, ...alive, phase: 'up', probeAtMs: 4000 },
  ready: { ...initial, ...alive, phase: 'ready', isReady: true, probeAtMs: 4000 },
  'in-trouble': { ...initial, ...alive, phase: 'in-trouble', isReady: true, trouble, probeAtMs: 4000, missed: 1 },
  'in-trouble, last miss': {
    ...initial,
    ...alive,
    phase: 'in-trouble',
    isReady: true,
    trouble,
    probeAtMs: 4000,
    missed: 2,
  },
  'not-responding': { ...initial, ...alive, phase: 'not-responding', killAtMs: 4000 },
  'stopping, spawns': { ...initial, phase: 'stopping', number: 1, spawning: true },
  'stopping, signalled': { ...initial, ...alive, wanted: false, phase: 'stopping', killAtMs: 4000 },
  'stopping, cleans': { ...initial, ...alive, wanted: false, phase: 'stopping', ended: true },
  'stopping to start, cleans': { ...initial, ...alive, phase: 'stopping', ended: true, after: 'start' },
  'stopping to fail, cleans': { ...initial, ...alive, phase: 'stopping', ended: true, after: 'failed' },
} satisfies Record<string, State>;

const columns: readonly Event['kind'][] = [
  'start',
  'stop',
  'restart',
  'spawned',
  'spawn-failed',
  'exited',
  'gone',
  'answered',
  'missed',
  'opened',
  'notified',
  'strained',
  'moved',
  'tick',
  'adopted',
];

/** `phase: effects`; `-` where nothing changes. Columns as above. */
const begin = 'starting: persist spawn report';
const beginAgain = 'starting: persist spawn sweep report';
const expected: Record<keyof typeof rows, readonly string[]> = {
  stopped: [
    begin,
    '-',
    begin,
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    'stopping: persist signal arm report',
  ],
  failed: [
    beginAgain,
    'stopped: persist report',
    beginAgain,
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    'stopping: persist signal arm report',
  ],
  'starting, spawns': [
    '-',
    'stopping: persist report',
    '-',
    'up: persist arm report',
    'starting: persist spawn sweep report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
  ],
  'starting, cleans': [
    '-',
    'stopping: persist clean report',
    'starting:',
    '-',
    '-',
    '-',
    'starting: persist spawn sweep report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
  ],
  'starting, pauses': [
    '-',
    'stopped: persist arm report',
    'starting: persist spawn sweep arm',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    'starting: persist spawn sweep arm',
    '-',
  ],
  up: running('up', 'in-trouble: report'),
  ready: running('ready', 'in-trouble: report'),
  'in-trouble': running('in-trouble', 'in-trouble:'),
  'in-trouble, last miss': running('in-trouble', 'not-responding: signal arm report'),
  'not-responding': [
    '-',
    'stopping: persist report',
    'stopping: persist report',
    '-',
    '-',
    'starting: clean arm report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    'not-responding: persist report',
    'not-responding: kill arm',
    '-',
  ],
  'stopping, spawns': [
    'stopping: persist report',
    '-',
    'stopping: persist report',
    'stopping: persist signal arm report',
    'stopped: persist report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
  ],
  'stopping, signalled': [
    'stopping: persist report',
    '-',
    'stopping: persist report',
    '-',
    '-',
    'stopping: clean arm',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    'stopping: persist report',
    'stopping: kill arm',
    '-',
  ],
  'stopping, cleans': [
    'stopping: persist report',
    '-',
    'stopping: persist report',
    '-',
    '-',
    '-',
    'stopped: persist report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
  ],
  'stopping to start, cleans': [
    '-',
    'stopping: persist report',
    '-',
    '-',
    '-',
    '-',
    'starting: persist spawn sweep report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
  ],
  'stopping to fail, cleans': [
    'stopping: persist',
    'stopping: persist report',
    'stopping: persist',
    '-',
    '-',
    '-',
    'failed: persist report',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
  ],
};

function running(phase: Phase, ill: string): string[] {
  const well = { ready: 'ready:', 'in-trouble': 'ready: report' }[phase as string] ?? 'ready: persist report';
  return [
    '-',
    'stopping: persist signal arm report',
    'stopping: persist signal arm report',
    '-',
    '-',
    'starting: clean arm report',
    '-',
    well,
    ill,
    `${phase}:`,
    well === 'ready:' || phase === 'in-trouble' ? `${phase}:` : well,
    phase === 'in-trouble' ? 'in-trouble: report' : 'in-trouble: report',
    `${phase}: persist report`,
    `${phase}: probe arm`,
    '-',
  ];
}

describe('step: every state × event (002 ¶0029)', () => {
  for (const [row, state] of Object.entries(rows) as [keyof typeof rows, State][]) {
    for (const [i, kind] of columns.entries()) {
      it(`${row} × ${kind}: ${expected[row][i]}`, () => {
        const next = step(state, eventOf(kind, 1), nowMs, wrapping);
        const effects = next.effects.map((effect) => effect.kind).join(' ');
        const told = effects === '' ? `${next.state.phase}:` : `${next.state.phase}: ${effects}`;
        const want = expected[row][i];
        if (want === '-') {
          expect(effects, 'effects').to.equal('');
          expect(shown(next.state)).to.deep.equal(shown(state));
        } else expect(told).to.equal(want);
      });
    }
  }

  it('has a row for each state', () => {
    const phases = new Set(Object.values(rows).map((state) => state.phase));
    expect(phases.size).to.equal(8);
  });
});

/** What others see: a cell without effect may tidy what is within (`after`, counts), never this. */
function shown({ phase, sinceMs, wanted, number, instance, spawning, ended, killAtMs, pausedUntilMs }: State) {
  return { phase, sinceMs, wanted, number, instance, spawning, ended, killAtMs, pausedUntilMs };
}
