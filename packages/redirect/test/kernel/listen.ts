import { unwrap } from '@softset/base';
import { ETH_P_ALL, openPacket } from '@softset/linux/packet.js';

// Prints each frame that a device receives as hexadecimal text, until standard input ends.
const socket = unwrap(openPacket({ device: process.argv[2] ?? '', etherType: ETH_P_ALL }));
process.stdout.write('listening\n');
const drain = (): void => {
  for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
    process.stdout.write(`${Buffer.from(frame).toString('hex')}\n`);
  }
};
const timer = setInterval(drain, 5);
process.stdin.on('end', () => {
  drain();
  clearInterval(timer);
  socket.close();
});
process.stdin.resume();
