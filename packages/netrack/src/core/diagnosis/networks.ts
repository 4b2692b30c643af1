import { type BoardId, NETWORKS, type Network } from '@softset/protocol/cluster.js';
import type { Fault } from '@softset/protocol/methods/netrack.js';
import { evidence, heardBy, howMany, listeners, type Matrix } from './matrix.js';

type Found = Omit<Fault, 'sinceMs'>;

/** What is wrong with one network: the network itself, or else single links, or else directions (002 ¶0027, Fig. 8). */
export function diagnoseNetwork(matrix: Matrix, network: Network): readonly Found[] {
  const { live } = matrix;
  if (live.length < 2) return [];
  const without = live.filter((id) => !matrix.carrier(id, network));
  const passes = live.some((id) => listeners(matrix, live, id, network).length > 0);
  if (!passes) {
    const whole = wholeNetwork(matrix, network, without);
    if (whole !== undefined) return [whole];
  }
  const broken = live.filter((id) => without.includes(id) || (passes && isMute(matrix, id, network)));
  const links = broken.map((id) => linkFault(matrix, id, network));
  return [
    ...links,
    ...oneWay(
      matrix,
      network,
      live.filter((id) => !broken.includes(id)),
    ),
  ];
}

/** Nothing passes at all. Undefined when one link of two boards explains it. */
function wholeNetwork(matrix: Matrix, network: Network, without: readonly BoardId[]): Found | undefined {
  const { live } = matrix;
  // Carrier news comes board by board: two that lost it while nothing passes are a dead switch, not two dead links.
  if (without.length >= 2) {
    const lost = without.length === live.length ? `all ${live.length}` : `${without.length} of ${live.length}`;
    return {
      kind: 'network-failed',
      target: network,
      evidence: evidence(`${lost} boards lost carrier on ${network}; nothing passes`),
    };
  }
  if (live.length - without.length < 2) return undefined;
  return {
    kind: 'network-mute',
    target: network,
    evidence: evidence(`carrier on ${network} at ${live.length - without.length} boards, and none hears another there`),
  };
}

function isMute(matrix: Matrix, id: BoardId, network: Network): boolean {
  const { live } = matrix;
  return listeners(matrix, live, id, network).length === 0 && heardBy(matrix, live, id, network).length === 0;
}

function linkFault(matrix: Matrix, id: BoardId, network: Network): Found {
  const others = matrix.live.length - 1;
  const other = NETWORKS.find((n) => n !== network) ?? network;
  const there = howMany(matrix, listeners(matrix, matrix.live, id, other), others);
  const here = matrix.carrier(id, network)
    ? `heard by ${howMany(matrix, listeners(matrix, matrix.live, id, network), others)} on ${network}`
    : `has no carrier on ${network}`;
  const name = matrix.name(id);
  return {
    kind: 'link-failed',
    target: `${name}:${network}`,
    evidence: evidence(`${name} ${here}; on ${other} heard by ${there}`),
  };
}

/**
 * Directions that do not pass although the opposite ones do. A board that hears nobody though it is heard is one fault,
 * not one with each of its neighbours; so is a board whom nobody hears. The target is the board whose frames are missed,
 * or the one that is deaf.
 */
function oneWay(matrix: Matrix, network: Network, ids: readonly BoardId[]): Found[] {
  const deaf = ids.length < 3 ? [] : ids.filter((id) => heardBy(matrix, ids, id, network).length === 0);
  const found = deaf.map((id): Found => {
    const by = howMany(matrix, listeners(matrix, ids, id, network), ids.length - 1);
    const text = `${matrix.name(id)} hears nobody on ${network}, and is heard by ${by}`;
    return { kind: 'one-way', target: `${matrix.name(id)}:${network}`, evidence: evidence(text) };
  });
  const hearing = ids.filter((id) => !deaf.includes(id));
  for (const id of hearing) {
    const missing = hearing.filter((x) => x !== id && matrix.hears(id, x, network) && !matrix.hears(x, id, network));
    if (missing.length === 0) continue;
    const text = `${matrix.name(id)} hears ${missing.map(matrix.name).join(', ')} on ${network}, and is not heard back`;
    found.push({ kind: 'one-way', target: `${matrix.name(id)}:${network}`, evidence: evidence(text) });
  }
  return found;
}
