import { ok, type Result, unwrap } from '@softset/base';
import { monotonicMs } from '@softset/lab/clock.js';
import { NetworkNamespace } from '@softset/lab/network-namespace.js';
import { answerLines } from '@softset/lab/pipe-lines.js';
import { gratuitousArp } from '@softset/linux/arp.js';
import { ETH_P_ARP, openPacket } from '@softset/linux/packet.js';
import { openRtnetlink } from '@softset/linux/rtnetlink.js';

/*
 * What a move cannot be faster than: the address off one board, onto another and announced, by one process whose sockets
 * in both boards are open already. Its argument is `{ address, pids }`: of each board the first process. Runs in the
 * lab's own process namespace.
 */

const { address, pids } = JSON.parse(process.argv[2] ?? '{}') as { address: string; pids: number[] };
const name = { device: 'a0', ip: address, prefixLength: 32 };
const boards = pids.map((pid) => {
  const namespace = new NetworkNamespace(`/proc/${pid}/ns/net`);
  return namespace.run(() => {
    const wire = unwrap(openPacket({ device: 'a0', etherType: ETH_P_ARP }));
    const { request, reply } = gratuitousArp(wire.mac, address);
    return { namespace, kernel: unwrap(openRtnetlink()), announce: () => [wire.send(request), wire.send(reply)] };
  });
});

/** It may not be there: that is as well. */
function drop(board: number): void {
  const at = boards[board];
  at?.namespace.run(() => at.kernel.deleteAddress(name));
}

function take(board: number): Result<void> {
  const at = boards[board];
  if (at === undefined) return ok(undefined);
  const added = at.namespace.run(() => at.kernel.addAddress({ ...name, replace: true }));
  at.announce();
  return added;
}

answerLines(ok(undefined), (method, params: { from?: number; to?: number }) => {
  const atMs = monotonicMs();
  if (method === 'drop') {
    for (const board of boards.keys()) drop(board);
    return ok({ atMs });
  }
  if (params.from !== undefined) drop(params.from);
  const taken = params.to === undefined ? ok(undefined) : take(params.to);
  return taken.ok ? ok({ atMs }) : taken;
});
