import type { SupervisedSpec } from './supervised.js';
import { commandOf, spanMs, type Unit } from './unit-file.js';

/** What a unit says of a daemon, for an init that is not systemd. */
export interface BoardDaemon extends SupervisedSpec {
  /** Without a sign for so long it is killed; undefined: none is asked for. */
  readonly watchdogMs: number | undefined;
}

/** Pure. `environment`: BOARD and whatever else /etc/default/softset says. */
export function boardDaemon(name: string, unit: Unit, environment: Readonly<Record<string, string>>): BoardDaemon {
  const priority = unit.one('Service', 'CPUSchedulingPriority');
  return {
    name,
    command: commandOf(unit, environment, { guarded: true }),
    restart: unit.one('Service', 'Restart') === 'always',
    restartMs: spanMs(unit.one('Service', 'RestartSec')),
    refusals: unit.words('Service', 'RestartPreventExitStatus').map(Number),
    realTime: priority === undefined ? undefined : Number(priority),
    stopMs: spanMs(unit.one('Service', 'TimeoutStopSec')),
    watchdogMs: spanMs(unit.one('Service', 'WatchdogSec')),
  };
}
