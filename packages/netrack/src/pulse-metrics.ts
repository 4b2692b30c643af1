import { boardsOf, type Cluster, NETWORKS } from '@softset/protocol';
import type { Metrics } from '@softset/runtime/metrics.js';
import type { PulseState } from './core/pulse/types.js';

/** What the pulse counts anyway, told to whoever scrapes it. */
export function pulseMetrics(metrics: Metrics, state: PulseState, cluster: Cluster): void {
  metrics.observed('counter', 'softset_pulse_beats_sent_total', 'Own beats, each to both networks.', () => [
    [{}, state.sequence],
  ]);
  metrics.observed('counter', 'softset_pulse_refused_total', 'Datagrams that were refused, by code.', () =>
    Object.entries(state.counters).map(([code, count]) => [{ code }, count] as const),
  );
  metrics.observedGauge(
    'softset_pulse_health',
    'How much the own loop was held up lately, 0 (well) to 7.',
    () => state.health,
  );
  metrics.observedGauge('softset_pulse_isolated', '1 while it hears nobody.', () => (state.isolated ? 1 : 0));
  metrics.observedGauge(
    'softset_pulse_leases',
    'Services whose addresses this board may answer for.',
    () => state.leases.size,
  );
  metrics.observed('gauge', 'softset_pulse_carrier', '1 while the link to a network has carrier.', () =>
    NETWORKS.map((network) => [{ network }, state.carrier[network] ? 1 : 0] as const),
  );
  metrics.observed('gauge', 'softset_pulse_hears', '1 while beats of a board come by a network.', () =>
    cluster.boards
      .filter(({ id }) => state.peers.has(id))
      .flatMap(({ id, name }) =>
        NETWORKS.map(
          (network) => [{ peer: name, network }, boardsOf(state.hears[network]).includes(id) ? 1 : 0] as const,
        ),
      ),
  );
}
