import { readFileSync } from 'node:fs';
import type { GeoDhcp } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';

/**
 * `softset geodhcp check FILE`: double addresses, unknown switches, ports without address, each with its line. A switch
 * that no port speaks of is no fault, and is said. Exit 1 where something is wrong, 111 where the file cannot be read.
 */
export function geoCheckCommand(file: string, { json = false }: { readonly json?: boolean }): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return refuse({ code, message });
  }
  const parsed = parseClusterFile(text, file);
  const geo = parsed.ok ? parsed.value.geodhcp : undefined;
  const wrong = parsed.ok ? `${file}: there is no section geodhcp` : parsed.message;
  if (json) print(JSON.stringify(geo === undefined ? { ok: false, message: wrong } : { ok: true, ...summary(geo) }));
  if (geo === undefined) return json ? exitCodes.refused : refuse({ code: 'CLUSTER_FILE_INVALID', message: wrong });
  if (!json) {
    const { ports, addresses, idle } = summary(geo);
    const more = idle.length === 0 ? '' : `; no port of ${idle.join(', ')} is in the map`;
    print(`good: ${geo.switches.length} switches, ${ports} ports, ${addresses} addresses${more}`);
  }
  return exitCodes.done;
}

function summary({ places, switches }: GeoDhcp) {
  const used = new Set(places.map((place) => place.switch));
  return {
    ports: places.length,
    addresses: places.reduce((sum, place) => sum + place.addresses.length, 0),
    idle: switches.map(({ name }) => name).filter((name) => !used.has(name)),
  };
}
