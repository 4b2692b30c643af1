import { unwrap } from '@softset/base';
import { decodeArp, encodeArp } from '@softset/linux/arp.js';
import { POLLIN, pollFds } from '@softset/linux/fd.js';
import { ETH_P_RARP, openPacket } from '@softset/linux/packet.js';

/** RFC 903: "which address have I?" Prints the answer. */
const socket = unwrap(openPacket({ device: 'eth0', etherType: ETH_P_RARP }));
const { mac } = socket;
const ask = encodeArp({
  operation: 'reverse-request',
  senderMac: mac,
  senderIp: '0.0.0.0',
  targetMac: mac,
  targetIp: '0.0.0.0',
});
const endMs = performance.now() + 1500;
let answer = '';
unwrap(socket.send(ask));
while (answer === '' && performance.now() < endMs) {
  pollFds([{ fd: socket.fd, events: POLLIN }], endMs - performance.now());
  for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
    const arp = decodeArp(frame);
    if (arp.ok && arp.value.operation === 'reverse-reply' && arp.value.targetMac === mac) answer = arp.value.targetIp;
  }
}
process.stdout.write(`${answer}\n`);
