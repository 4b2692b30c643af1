import type { Cluster, Fault, Network } from '@softset/protocol';
import { interfaceName, type MergedInterface } from '../entity/merged-interfaces.js';
import { isStale } from '../relay/behind.js';

/** ifOperStatus (RFC 2863); others say neither. */
const OPER_STATUS = 8;
const WORDS: Readonly<Record<number, string>> = { 1: 'up', 2: 'down', 7: 'down' };

/**
 * What the switch itself says of a board's port, beside what boards hear (002 ¶0024): which port that is, geoDHCP's port map
 * knows; how it is, the switch's own agent, which is read anew at its linkDown. One word more for whoever reads a fault:
 * `; switch-a says that its port p2 is down`. Empty where nobody knows.
 */
export function switchWord({ geodhcp }: Cluster, merged: readonly MergedInterface[]): (fault: Fault) => string {
  const places = geodhcp?.places ?? [];
  return ({ target }) => {
    const [board, network] = target.split(':') as [string, Network | undefined];
    return places
      .filter((place) => place.name === board && (network === undefined || place.network === network))
      .flatMap((place) => {
        const found = merged.find(
          ({ behind, own }) => behind.agent.name === place.switch && textOf(interfaceName(own)) === place.port,
        );
        const status = found?.own.columns.get(OPER_STATUS);
        const word = status?.type === 'integer' ? WORDS[status.value] : undefined;
        if (found === undefined || isStale(found.behind) || word === undefined) return [];
        return [`; ${place.switch} says that its port ${place.port} is ${word}`];
      })
      .join('');
  };
}

function textOf(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
