import type { Cluster, Service } from '@softset/protocol';

/** A field that cannot change while boards run, and why. */
export interface NotLive {
  readonly field: string;
  readonly why: string;
}

/**
 * Boards change one after another: for some seconds one runs the old configuration and another the new. What would let
 * two boards answer for one address meanwhile, or part them, is refused; it takes a stop of the whole cluster.
 */
export function notLive(before: Cluster, after: Cluster): NotLive[] {
  const found: NotLive[] = [];
  const same = (field: string, a: unknown, b: unknown, why: string): void => {
    if (JSON.stringify(a) !== JSON.stringify(b)) found.push({ field, why });
  };
  const identity = 'another name or number is another cluster';
  same('cluster.name', before.name, after.name, identity);
  same('cluster.number', before.number, after.number, identity);
  const keys = 'keys are changed by softset key rotate';
  same('cluster.keyFile', before.keyFile, after.keyFile, keys);
  same('cluster.oldKeyFile', before.oldKeyFile, after.oldKeyFile, keys);
  const lease = 'a director that counts a shorter lease than a holder runs would give its address away too soon';
  same('timing.leaseMs', before.timing.leaseMs, after.timing.leaseMs, lease);
  same('timing.proofMs', before.timing.proofMs, after.timing.proofMs, lease);
  const apart = 'boards that changed would not hear those that did not';
  same('ports', before.ports, after.ports, apart);
  same('networks', before.networks, after.networks, apart);
  boards(before, after, same, found);
  services(before, after, same, found);
  return found;
}

type Same = (field: string, a: unknown, b: unknown, why: string) => void;

function boards(before: Cluster, after: Cluster, same: Same, found: NotLive[]): void {
  const votes = 'two boards that count different votes could elect two directors';
  for (const board of after.boards) {
    const was = before.boards.find(({ name }) => name === board.name);
    if (was === undefined) {
      if (board.vote) found.push({ field: `boards.${board.name}.vote`, why: `${votes}; add it without a vote` });
      continue;
    }
    const field = `boards.${board.name}`;
    same(`${field}.id`, was.id, board.id, 'beats and grants name boards by it');
    same(`${field}.vote`, was.vote, board.vote, votes);
    same(field, [was.addresses, was.devices], [board.addresses, board.devices], 'sockets are bound to them');
  }
  for (const { name } of before.boards)
    if (!after.boards.some((board) => board.name === name))
      found.push({ field: `boards.${name}`, why: 'softset board leave takes it out; its lines go with the next stop' });
}

/** A beat names leases by the position of their service; the kernel's elements stand for addresses. */
function services(before: Cluster, after: Cluster, same: Same, found: NotLive[]): void {
  for (const [i, was] of before.services.entries()) {
    const now = after.services[i];
    const field = `services.${was.name}`;
    if (now?.name !== was.name) {
      found.push({ field, why: 'services are known by their position: add new ones at the end' });
      return;
    }
    same(field, addressed(was), addressed(now), 'its address may stand on a board that has not changed');
    const lost = was.pool.filter((board) => !now.pool.includes(board));
    if (lost.length > 0) found.push({ field: `${field}.pool`, why: 'a board that leaves the pool may hold it' });
  }
}

function addressed({ addresses, mac }: Service): unknown {
  return [addresses, mac];
}
