import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { HmacSha256 } from '@softset/netrack/adapters/hmac-sha256.js';
import { openRelay, type Relay } from '@softset/netrack/adapters/relay-udp.js';
import type { Board, Cluster } from '@softset/protocol/cluster.js';
import { createLogger } from '@softset/runtime/log.js';

/*
 * Two relays in namespaces of their own, joined by two wires, and beside them bare UDP on the first wire. Run it in a user
 * and network namespace; prints one JSON line: round trips in ms, and what one of them delivers to the other a second.
 */
const ROUND_TRIPS = 500;
const BULK_MS = 3000;
const PAYLOAD = 'x'.repeat(200);
const UDP_PORT = 9999;

const board = (id: number): Board => ({
  name: `cpu-${id}`,
  id,
  role: 'control',
  addresses: { A: `10.1.1.${id}`, B: `20.1.1.${id}` },
  devices: { A: `a${id}`, B: `b${id}` },
  vote: true,
  disk: true,
});
const cluster: Cluster = {
  name: 'pair',
  number: 4711,
  keyFile: 'pair.key',
  timing: { intervalMs: 10, leaseMs: 250, proofMs: 50 },
  ports: { beat: 7413, relay: 7414, alert: 7415 },
  networks: { A: { subnet: { ip: '10.1.0.0', length: 16 } }, B: { subnet: { ip: '20.1.0.0', length: 16 } } },
  boards: [board(1), board(2)],
  outside: [],
  services: [],
  programs: [],
};

function open(self: number, key: Buffer, heard: (value: unknown, relay: Relay) => void): Relay {
  const hmac = new HmacSha256(key);
  const relay: Relay = openRelay({
    cluster,
    board: self,
    boot: `000000000000000${self}`,
    session: 1,
    sealer: { keyId: 1, mac: (_id, bytes) => hmac.mac(bytes) },
    log: createLogger({ component: 'netrackd', board: 'bench', level: 'error' }),
    onDeliver: (_from, value) => heard(value, relay),
    onDatagram: () => undefined,
  });
  return relay;
}

/** Board 2: what asks is answered, what is bulk is counted; and a bare UDP echo. */
function other(key: Buffer): void {
  let bulk = 0;
  open(2, key, (value, relay) => {
    if (value === PAYLOAD) bulk++;
    else relay.send(1, { value, bulk });
  });
  const udp = createSocket('udp4');
  udp.on('message', (bytes, { port, address }) => udp.send(bytes, port, address));
  udp.bind(UDP_PORT);
  process.stdin.on('end', () => process.exit(0)).resume();
  process.stdout.write('open\n');
}

const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: 'inherit' });
function wire(letter: 'a' | 'b', pid: number): void {
  const subnet = letter === 'a' ? '10.1.1' : '20.1.1';
  ip('link', 'add', `${letter}1`, 'type', 'veth', 'peer', 'name', `${letter}2`, 'netns', `${pid}`);
  ip('link', 'set', `${letter}1`, 'up');
  ip('addr', 'add', `${subnet}.1/16`, 'dev', `${letter}1`);
  const inside = ['nsenter', '-t', `${pid}`, '-n', 'ip'];
  for (const words of [`link set ${letter}2 up`, `addr add ${subnet}.2/16 dev ${letter}2`])
    execFileSync(inside[0] ?? '', [...inside.slice(1), ...words.split(' ')]);
}

async function measure(key: Buffer): Promise<void> {
  const child = spawn('unshare', ['-n', process.execPath, fileURLToPath(import.meta.url), key.toString('hex')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((ready) => child.stdout.once('data', ready));
  wire('a', child.pid ?? 0);
  wire('b', child.pid ?? 0);
  let answered: (value: { readonly bulk: number }) => void = () => undefined;
  const relay = open(1, key, (value) => answered(value as { readonly bulk: number }));
  const ask = (): Promise<{ readonly bulk: number }> =>
    new Promise((settle) => {
      answered = settle;
      const again = (): void => void (relay.send(2, 'how many?').ok || setTimeout(again, 1));
      again();
    });
  for (let warm = 0; warm < ROUND_TRIPS; warm++) await ask();
  const relayMs: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const sentMs = performance.now();
    await ask();
    relayMs.push(performance.now() - sentMs);
  }
  const udpMs = await bareUdp();
  const before = (await ask()).bulk;
  const beganMs = performance.now();
  while (performance.now() - beganMs < BULK_MS) {
    // Its queue of 256 for each peer is the limit: what does not fit is refused and tried again.
    while (relay.send(2, PAYLOAD).ok);
    await new Promise((turn) => setImmediate(turn));
  }
  const { bulk } = await ask();
  const perSecond = ((bulk - before) * 1000) / (performance.now() - beganMs);
  process.stdout.write(`${JSON.stringify({ relayMs, udpMs, perSecond, bytes: PAYLOAD.length })}\n`);
  relay.close();
  child.stdin.end();
}

async function bareUdp(): Promise<number[]> {
  const socket: Socket = createSocket('udp4');
  const took: number[] = [];
  for (let i = 0; i < 2 * ROUND_TRIPS; i++) {
    const sentMs = performance.now();
    await new Promise<void>((settle) => {
      socket.once('message', () => settle());
      socket.send('how many?', UDP_PORT, '10.1.1.2');
    });
    if (i >= ROUND_TRIPS) took.push(performance.now() - sentMs);
  }
  socket.close();
  return took;
}

const given = process.argv[2];
if (given !== undefined) other(Buffer.from(given, 'hex'));
else await measure(randomBytes(32)).then(() => process.exit(0));
