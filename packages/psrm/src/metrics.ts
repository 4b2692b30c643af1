import type { ProgramStatus } from '@softset/protocol';
import type { Metrics } from '@softset/runtime/metrics.js';

/** The programs of this board, told to whoever scrapes psrmd. */
export function psrmdMetrics(metrics: Metrics, status: () => readonly ProgramStatus[]): void {
  const bit = (is: boolean): number => (is ? 1 : 0);
  const each = (name: string, help: string, of: (program: ProgramStatus) => number): void =>
    metrics.observed('gauge', `softset_psrmd_program_${name}`, help, () =>
      status().map((one) => [{ program: one.program }, of(one)] as const),
    );
  each('up', '1 while a program runs, and answers where it is probed.', ({ state }) =>
    bit(state === 'up' || state === 'ready'),
  );
  each('wanted', '1 while it is kept running.', ({ wanted }) => bit(wanted));
  each('restarts', 'Restarts after deaths since the last ordered start.', ({ restarts }) => restarts);
  each('given_up', '1 where it died so often that it is not started any more.', ({ state }) => bit(state === 'failed'));
}
