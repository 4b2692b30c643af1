import { createSocket } from 'node:dgram';
import { parseArgs } from 'node:util';

/**
 * The service that an outside client probes: each datagram goes back as it came, with the board's name behind it.
 * Plain node:dgram and no other import unless asked for `--real-time`, since its start is part of what a takeover costs.
 */
export function echo(argv: readonly string[]): void {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '7007' },
      bind: { type: 'string' },
      'real-time': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write('usage: softset-echo [--port N] [--bind ADDRESS] [--real-time]\n');
    return;
  }
  const board = Buffer.from(process.env.SOFTSET_BOARD ?? '');
  const socket = createSocket({ type: values.bind?.includes(':') ? 'udp6' : 'udp4', reuseAddr: true });
  socket.on('message', (bytes, from) => socket.send([bytes, board], from.port, from.address));
  socket.on('error', (error) => {
    process.stderr.write(`softset-echo: ${error.message}\n`);
    process.exit(111);
  });
  socket.bind(Number(values.port), values.bind);
  // For benchmarks beside load: else the echo's own waiting for a processor would be measured. Loaded after the bind.
  if (values['real-time']) void import('@softset/linux/scheduling.js').then(({ setRoundRobin }) => setRoundRobin(10));
  process.once('SIGTERM', () => socket.close(() => process.exit(0)));
}
