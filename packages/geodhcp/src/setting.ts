import { dirname, resolve } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { type Board, NETWORKS } from '@softset/protocol';
import type { LoadedCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { openSessions } from './adapters/snmp.js';
import { SwitchAsker, SysNames } from './adapters/switch-asker.js';
import { type Config, configOf } from './core/step.js';
import { Locator } from './locator.js';

/** All that comes from the cluster file, and is made anew when that is read again. */
export interface Setting {
  readonly config: Config;
  readonly boards: readonly Board[];
  readonly askers: ReadonlyMap<string, SwitchAsker>;
  readonly locator: Locator;
  close(): void;
}

/** Errors: `NOT_CONFIGURED`. */
export function configFor({ cluster, board }: LoadedCluster): Result<Config> {
  const geo = cluster.geodhcp;
  if (geo === undefined) return fail('NOT_CONFIGURED', 'the cluster file has no section geodhcp');
  if (!geo.boards.includes(board.id))
    return fail('NOT_CONFIGURED', `${board.name} is not among geodhcp.boards of the cluster file`);
  const servers = cluster.boards.filter(({ id }) => geo.boards.includes(id));
  const addresses = servers.flatMap((one) => NETWORKS.map((network) => one.addresses[network]));
  return ok(configOf({ geo, networks: cluster.networks, board }, new Set(addresses)));
}

/** Opens a session to each switch, and reads what changes seldom before the first board asks. Errors: of `configFor`, of the secrets. */
export function openSetting(loaded: LoadedCluster, clusterFile: string): Result<Setting> {
  const configured = configFor(loaded);
  if (!configured.ok) return configured;
  const config = configured.value;
  const sysNames = new SysNames();
  const askers = new Map<string, SwitchAsker>();
  const beside = (file: string): string => resolve(dirname(clusterFile), file);
  const closeAll = (): void => {
    for (const asker of askers.values()) asker.close();
  };
  for (const one of config.geo.switches) {
    sysNames.learn(one.name, one.name);
    const sessions = openSessions(one, config.board.addresses[one.network], config.geo.lookupMs, beside);
    if (!sessions.ok) {
      closeAll();
      return sessions;
    }
    askers.set(one.name, new SwitchAsker(sessions.value, one, sysNames, nowMs));
  }
  const locator = new Locator(config.geo, askers, nowMs);
  for (const asker of askers.values()) asker.warmUp();
  return ok({
    config,
    boards: loaded.cluster.boards,
    askers,
    locator,
    close: () => {
      locator.close();
      closeAll();
    },
  });
}
