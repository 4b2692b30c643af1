import { unwrap } from '@softset/base';
import { ANY, type DhcpMessage, TYPE } from '@softset/geodhcp/core/dhcp-message.js';
import { ipBytes, OPTION } from '@softset/geodhcp/core/dhcp-options.js';
import type { Effect, Event } from '@softset/geodhcp/core/events.js';
import type { Turn } from '@softset/geodhcp/core/give.js';
import type { Located } from '@softset/geodhcp/core/lookup.js';
import { initial, type State } from '@softset/geodhcp/core/state.js';
import { type Config, configOf, step } from '@softset/geodhcp/core/step.js';
import type { Cluster } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';

/** Two switches, a slot on each network, a port with two addresses, a relayed port. */
export const FILE = `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  ccn: { id: 1, A: 10.1.1.20, B: 20.1.1.20, vote: true }
  ccn-2: { id: 2, A: 10.1.1.21, B: 20.1.1.21 }
  io-1: { id: 3, A: 10.1.1.11, B: 20.1.1.11 }
geodhcp:
  boards: [ccn, ccn-2]
  relays: [10.1.9.1]
  options: { routers: [10.1.1.254], bootFile: pxelinux.0, bootFiles: { '7': grub.efi }, nextServer: 10.1.1.20 }
  switches:
    switch-a: { network: A, address: 10.1.0.2, uplinks: { trunk: switch-b } }
    switch-b: { network: B, address: 20.1.0.2, uplinks: { trunk: switch-a } }
  ports:
    - { switch: switch-a, port: p1, board: io-1 }
    - { switch: switch-b, port: p1, board: io-1 }
    - { switch: switch-a, port: 'p{2-3}', name: 'slot-{}', addresses: ['10.1.2.{}'], circuitId: 'slot {}' }
    - { switch: switch-a, port: hub, name: hub, addresses: [10.1.3.1, 10.1.3.2] }
`;

export function clusterOf(text = FILE): Cluster {
  return unwrap(parseClusterFile(text, 'test.yaml'));
}

export function configFor(text = FILE): Config {
  const cluster = clusterOf(text);
  const [board] = cluster.boards;
  if (cluster.geodhcp === undefined || board === undefined) throw new Error('the test file has no geodhcp');
  const servers = new Set(cluster.boards.slice(0, 2).flatMap(({ addresses }) => [addresses.A, addresses.B]));
  return configOf({ geo: cluster.geodhcp, networks: cluster.networks, board }, servers);
}

export const MAC = { one: '02:00:00:00:00:01', two: '02:00:00:00:00:02', stranger: '02:00:00:00:00:99' };

let xid = 1;
export function message(type: keyof typeof TYPE | 'bootp', change: Partial<DhcpMessage> = {}): DhcpMessage {
  const { options, ...rest } = change;
  return {
    op: 'request',
    hops: 0,
    xid: xid++,
    secs: 0,
    flags: 0,
    ciaddr: ANY,
    yiaddr: ANY,
    siaddr: ANY,
    giaddr: ANY,
    chaddr: MAC.one,
    sname: '',
    file: '',
    ...rest,
    options: new Map([
      ...(type === 'bootp' ? [] : ([[OPTION.messageType, Uint8Array.of(TYPE[type])]] as const)),
      ...(options ?? []),
    ]),
  };
}

export const named = (ip: string): [number, Uint8Array] => [OPTION.requestedAddress, ipBytes(ip)];
export const toServer = (ip: string): [number, Uint8Array] => [OPTION.serverId, ipBytes(ip)];

export function onPort(port: string, on = 'switch-a'): Located {
  return {
    kind: 'port',
    switch: on,
    port: { name: port, names: [port] },
    evidence: [{ switch: on, said: `port ${port}`, ms: 2 }],
  };
}
export const lost = (kind: 'unlearned' | 'ambiguous' | 'unreachable'): Located => ({
  kind,
  evidence: [{ switch: 'switch-a', said: kind === 'unreachable' ? 'no answer (timeout)' : 'nothing', ms: 3 }],
});

/** A server in a world where each MAC is on a port and each address may be answered for. */
export class World {
  state: State = { ...initial, answering: true };
  nowMs = 1000;
  config: Config;
  readonly ports = new Map<string, Located>();
  readonly answers = new Map<string, string>();
  readonly effects: Effect[] = [];

  constructor(config: Config = configFor()) {
    this.config = config;
  }

  /** One event alone, its questions left open. */
  raw(event: Event): readonly Effect[] {
    const turn: Turn = step(this.state, event, this.nowMs, this.config);
    this.state = turn.state;
    this.effects.push(...turn.effects);
    return turn.effects;
  }

  /** An event and all that follows, each question answered as the world is. */
  run(event: Event): readonly Effect[] {
    this.nowMs += 1;
    const all: Effect[] = [];
    const queue: Event[] = [event];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const effects = this.raw(next);
      all.push(...effects);
      for (const effect of effects) {
        const wallMs = this.nowMs;
        if (effect.kind === 'locate')
          queue.push({
            kind: 'located',
            mac: effect.mac,
            located: this.ports.get(effect.mac) ?? lost('unlearned'),
            wallMs,
          });
        if (effect.kind === 'probe')
          queue.push({ kind: 'probed', ip: effect.ip, by: this.answers.get(effect.ip) ?? null, wallMs });
      }
    }
    return all;
  }

  ask(dhcp: DhcpMessage, network: 'A' | 'B' = 'A'): readonly Effect[] {
    return this.run({ kind: 'message', network, message: dhcp, wallMs: this.nowMs });
  }

  /** DISCOVER and REQUEST, as a client does that was offered an address. */
  dora(mac = MAC.one): readonly Effect[] {
    const offer = replyOf(this.ask(message('discover', { chaddr: mac })));
    if (offer === undefined) return [];
    return this.ask(
      message('request', { chaddr: mac, options: new Map([named(offer.yiaddr), toServer('10.1.1.20')]) }),
    );
  }
}

export function replyOf(effects: readonly Effect[]): DhcpMessage | undefined {
  const reply = effects.find((effect) => effect.kind === 'reply');
  return reply?.kind === 'reply' ? reply.reply.message : undefined;
}

/** `offer 10.1.1.11`, `ack …`, `nak`, `rarp …`, `bootp …`, or `silence`. */
export function outcome(effects: readonly Effect[]): string {
  const reverse = effects.find((effect) => effect.kind === 'reverse-reply');
  if (reverse?.kind === 'reverse-reply') return `rarp ${reverse.ip}`;
  const reply = replyOf(effects);
  if (reply === undefined) return 'silence';
  const type = reply.options.get(OPTION.messageType)?.[0];
  const name = Object.entries(TYPE).find(([, code]) => code === type)?.[0] ?? 'bootp';
  return name === 'nak' ? 'nak' : `${name} ${reply.yiaddr}`;
}

export function notes(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'note' ? [effect.what] : []));
}

export function alarms(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'alarm' ? [`${effect.object} ${effect.cause} ${effect.severity}`] : [],
  );
}
