import { setTimeout as sleep } from 'node:timers/promises';
import { formatMac, unwrap } from '@softset/base';
import { encodeDhcp } from '@softset/geodhcp/core/dhcp-message.js';
import { encodeUdpFrame } from '@softset/geodhcp/core/udp-frame.js';
import { ETH_P_ARP, openPacket } from '@softset/linux/packet.js';

/** DISCOVERs of so many devices, by eth0, in so many ms: `flood-main.js COUNT MS`. Prints `flooding`, then `over`. */
const [count = 0, takesMs = 0] = process.argv.slice(2).map(Number);
const socket = unwrap(openPacket({ device: 'eth0', etherType: ETH_P_ARP }));
const everybody = { mac: 'ff:ff:ff:ff:ff:ff', ip: '255.255.255.255', port: 67 };
const startMs = performance.now();
process.stdout.write('flooding\n');
for (let n = 0; n < count; n++) {
  const chaddr = formatMac(Uint8Array.of(6, 0, 0, 0, n >> 8, n & 255));
  const message = {
    op: 'request' as const,
    hops: 0,
    xid: n + 1,
    secs: 0,
    flags: 0,
    ciaddr: '0.0.0.0',
    yiaddr: '0.0.0.0',
    siaddr: '0.0.0.0',
    giaddr: '0.0.0.0',
    chaddr,
    sname: '',
    file: '',
    options: new Map([[53, Uint8Array.of(1)]]),
  };
  // A full queue of the device drops it, as a wire would.
  socket.send(
    encodeUdpFrame({
      from: { mac: socket.mac, ip: '0.0.0.0', port: 68 },
      to: everybody,
      payload: encodeDhcp(message).bytes,
    }),
  );
  const dueMs = startMs + ((n + 1) * takesMs) / count;
  if (performance.now() < dueMs) await sleep(dueMs - performance.now());
}
process.stdout.write('over\n');
