import type { NetrackState } from '@softset/protocol';
import { NETWORKS } from '@softset/protocol';
import type { Metrics } from '@softset/runtime/metrics.js';

const bit = (is: boolean): number => (is ? 1 : 0);

function* counted(words: readonly string[], label: string): Iterable<readonly [Record<string, string>, number]> {
  for (const word of new Set(words)) yield [{ [label]: word }, words.filter((one) => one === word).length];
}

/** The system as this board's netrackd sees it, told to whoever scrapes it. */
export function netrackdMetrics(metrics: Metrics, view: () => NetrackState): void {
  const gauge = (name: string, help: string, of: (state: NetrackState) => number): void =>
    metrics.observedGauge(`softset_netrackd_${name}`, help, () => of(view()));
  gauge('term', 'Term of the director, as this board knows it.', ({ term }) => term);
  gauge('director_number', 'Board that directs; 0 while none does.', ({ director }) => director);
  gauge('directing', '1 while this board directs and may give orders.', ({ directing }) => bit(directing));
  gauge('votes_present', 'Votes in view.', ({ quorum }) => quorum.present);
  gauge('votes_needed', 'Votes that make a majority.', ({ quorum }) => quorum.needed);
  gauge('register_index', 'Last write of the register that this board has.', ({ register }) => register.index);
  metrics.observed('gauge', 'softset_netrackd_board_up', '1 for a board that beats, or is this one.', () =>
    view().boards.map(({ name, verdict }) => [{ peer: name }, bit(verdict === 'up' || verdict === 'self')] as const),
  );
  metrics.observed('gauge', 'softset_netrackd_path_up', '1 where beats of a board come by a network.', () =>
    view().boards.flatMap(({ name, paths }) =>
      NETWORKS.map((network) => [{ peer: name, network }, bit(paths[network])] as const),
    ),
  );
  metrics.observed('gauge', 'softset_netrackd_service_held', '1 while the holder of a service confirmed it.', () =>
    view().services.map(({ service, phase }) => [{ service }, bit(phase === 'held')] as const),
  );
  metrics.observed('gauge', 'softset_netrackd_faults', 'Faults that stand, by kind.', () =>
    counted(
      view().faults.map(({ kind }) => kind),
      'kind',
    ),
  );
  metrics.observed('gauge', 'softset_netrackd_alarms', 'Alarms that stand, by severity.', () =>
    counted(
      view().alarms.map(({ severity }) => severity),
      'severity',
    ),
  );
}
