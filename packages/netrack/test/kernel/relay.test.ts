import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { openRelay, type Relay } from '@softset/netrack/adapters/relay-udp.js';
import type { Sealer } from '@softset/protocol/beat.js';
import type { Board, Cluster } from '@softset/protocol/cluster.js';
import { createLogger } from '@softset/runtime/log.js';
import { expect } from 'chai';
import { inNamespace, ip, suite, until } from './relay-namespace.js';

const sealer: Sealer = { keyId: 1, mac: (_id, bytes) => createHmac('sha256', 'a key').update(bytes).digest() };
const log = createLogger({ component: 'netrackd', board: 'test', level: 'error', write: () => {} });

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

function open(self: number, heard: (way: string, value: unknown, relay: Relay) => void): Relay {
  const relay: Relay = openRelay({
    cluster,
    board: self,
    boot: `000000000000000${self}`,
    session: 1,
    sealer,
    log,
    onDeliver: (_from, value) => heard('message', value, relay),
    onDatagram: (_from, value) => heard('datagram', value, relay),
  });
  return relay;
}

/** Board 2 sends everything back the way it came, until its parent ends. */
function echo(): void {
  open(2, (way, value, relay) => {
    if (way === 'message') relay.send(1, value);
    else relay.datagram('all', value);
  });
  process.stdin.on('end', () => process.exit(0)).resume();
  process.stdout.write('open\n');
}

/** A wire of one network between the boards: `a1` here, `a2` in the namespace of the process. */
function wire(letter: 'a' | 'b', pid: number): void {
  const subnet = letter === 'a' ? '10.1.1' : '20.1.1';
  ip(`link add ${letter}1 type veth peer name ${letter}2`);
  ip(`link set ${letter}2 netns ${pid}`);
  ip(`link set ${letter}1 up`);
  ip(`addr add ${subnet}.1/16 dev ${letter}1`);
  ip(`link set ${letter}2 up`, pid);
  ip(`addr add ${subnet}.2/16 dev ${letter}2`, pid);
}

if (process.env.SOFTSET_RELAY_ECHO !== undefined) echo();
else {
  suite('the relay over two networks', () => {
    inNamespace(import.meta.url, 'goes on while one of them is missing, goes down, or is made anew', async () => {
      const child = spawn('unshare', ['-n', process.execPath, fileURLToPath(import.meta.url)], {
        env: { ...process.env, SOFTSET_RELAY_ECHO: '1' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const pid = child.pid ?? 0;
      await new Promise((ready) => child.stdout.once('data', ready));
      const messages: unknown[] = [];
      const datagrams: unknown[] = [];
      const relay = open(1, (way, value) => void (way === 'message' ? messages : datagrams).push(value));
      let sent = 0;
      /** Twenty more, and all that were ever sent are back, in order. */
      const exchange = async (when: string): Promise<void> => {
        for (let i = 0; i < 20; i++) expect(relay.send(2, { n: sent++ }).ok, when).to.equal(true);
        await until(
          when,
          () => messages.length === sent,
          () => [messages.length, sent, relay.stats()],
        );
      };
      try {
        wire('b', pid);
        await exchange('both were started without a device, and there is B alone');
        wire('a', pid);
        await exchange('A is there too');
        relay.datagram('all', 'everybody');
        await until('a datagram', () => datagrams.length > 0);
        expect(datagrams).to.deep.equal(['everybody']);
        ip('link set b1 down');
        await exchange('B is down here');
        ip('link del a1');
        ip('link set b1 up');
        await exchange('A is gone');
        wire('a', pid);
        ip('link set b1 down');
        await exchange('A was made anew, and B is down');
        expect(messages).to.deep.equal(Array.from({ length: sent }, (_, n) => ({ n })));
        const stats = relay.stats();
        const failed = Object.keys(stats).filter((code) => code.startsWith('RELAY_SEND_'));
        expect(failed, 'failed sends are counted by errno').to.not.deep.equal([]);
        expect(relay.send(9, {}).ok, 'a board that does not exist').to.equal(false);
        const large = relay.send(2, 'x'.repeat(60_000));
        expect(large.ok ? 'accepted' : large.code).to.equal('RELAY_TOO_LARGE');
      } finally {
        relay.close();
        child.stdin.end();
      }
    });
  });
}
