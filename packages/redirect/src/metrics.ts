import type { RuleTally } from '@softset/protocol';
import type { Counter, Metrics } from '@softset/runtime/metrics.js';

export interface Deciding {
  readonly deciding: boolean;
  readonly resting: readonly string[];
}

/** What redirectd decides, told to whoever scrapes it. Returns what counts its moves. */
export function redirectdMetrics(
  metrics: Metrics,
  director: () => Deciding,
  rules: () => readonly RuleTally[],
): Counter {
  metrics.observedGauge('softset_redirectd_deciding', '1 while this board decides where services are.', () =>
    director().deciding ? 1 : 0,
  );
  metrics.observedGauge(
    'softset_redirectd_resting',
    'Services that rest after too many moves.',
    () => director().resting.length,
  );
  metrics.observed('counter', 'softset_redirectd_rule_fired_total', 'How often a rule decided to act.', () =>
    rules().map(({ rule, fired }) => [{ rule }, fired] as const),
  );
  return metrics.counter('softset_redirectd_moves_total', 'Moves that were begun here, by service.');
}
