import { createSocket } from 'node:dgram';
import { parseArgs } from 'node:util';
import { decodeIgmpQuery } from './igmp-query.js';
import { openPacket } from './packet.js';

/*
 * Whether a device's network has an IGMP querier. General queries come every two minutes (RFC 3376 §8.2), for which nobody
 * waits; but a querier asks at once who is left when a group is left (RFC 2236 §3, RFC 3376 §6.4.2). So a group is joined
 * that nobody uses, and left. Prints the queriers' addresses as JSON; needs CAP_NET_RAW. Exit 111: it could not listen.
 */

/** Of the block for a site's own use (RFC 2365). */
const GROUP = '239.255.83.83';
const ETH_P_IP = 0x0800;
/** The switch has to have heard of the group before it hears that it is left. */
const joinedMs = 300;
const lookMs = 50;

const { values } = parseArgs({
  options: { device: { type: 'string' }, address: { type: 'string' }, 'wait-ms': { type: 'string', default: '2500' } },
});
const { device = '', address = '' } = values;
const opened = openPacket({ device, etherType: ETH_P_IP, promiscuous: true });
if (!opened.ok) {
  process.stderr.write(`${opened.code}: ${opened.message}\n`);
  process.exit(111);
}
const socket = opened.value;
const heard = new Set<string>();
const look = (): void => {
  for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
    const query = decodeIgmpQuery(frame);
    if (query !== undefined) heard.add(query.from);
  }
};
setInterval(look, lookMs);

const member = createSocket('udp4');
member.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(111);
});
member.bind(0, () => {
  member.addMembership(GROUP, address);
  setTimeout(() => member.dropMembership(GROUP, address), joinedMs);
});
setTimeout(() => {
  look();
  process.stdout.write(`${JSON.stringify([...heard])}\n`);
  process.exit(0);
}, Number(values['wait-ms']));
