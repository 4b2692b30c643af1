import { spawnSync } from 'node:child_process';
import { helper, notBuilt } from '../failover/helpers.js';
import { makeRow, nothingMeasured, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';

const CASES = ['round-trip', 'messages'] as const;
const LIMIT_MS = 60_000;

interface Found {
  readonly relayMs: readonly number[];
  readonly udpMs: readonly number[];
  readonly perSecond: number;
  readonly bytes: number;
}

function measure(): Found | string {
  const program = helper('relay-pair');
  if (program === undefined) return notBuilt;
  const done = spawnSync('unshare', ['-Urnm', process.execPath, program], { encoding: 'utf8', timeout: LIMIT_MS });
  return done.status === 0 ? (JSON.parse(done.stdout) as Found) : `${done.stderr}${done.error ?? ''}`.slice(-300);
}

/** Messages between boards, ordered and acknowledged, on two networks at once, sealed; beside bare UDP on one of them. */
async function run({ runs = 3, cases = CASES, say }: SuiteOptions): Promise<readonly Row[]> {
  const notes: string[] = [];
  const found: Found[] = [];
  for (let at = 1; at <= runs; at++) {
    say(`relay, run ${at} of ${runs}`);
    const one = measure();
    if (typeof one === 'string') notes.push(one);
    else found.push(one);
  }
  const rows = {
    'round-trip': () =>
      makeRow({
        suite: 'relay',
        case: 'round-trip',
        unit: 'ms',
        ours: { samples: found.flatMap(({ relayMs }) => relayMs), notes },
        peers: { udp: { samples: found.flatMap(({ udpMs }) => udpMs), notes: [] } },
        budget: null,
      }),
    messages: () =>
      makeRow({
        suite: 'relay',
        case: 'messages',
        unit: 'messages/s',
        ours:
          found.length === 0
            ? nothingMeasured
            : { samples: found.map(({ perSecond }) => perSecond), notes: [`of ${found[0]?.bytes} bytes, one way`] },
        peers: {},
        budget: null,
        better: 'more',
      }),
  };
  return CASES.filter((name) => cases.includes(name)).map((name) => rows[name]());
}

export const relay: Suite = {
  name: 'relay',
  summary: 'messages between boards: round trip, and how many a second',
  cases: CASES,
  peers: ['udp'],
  run,
};
