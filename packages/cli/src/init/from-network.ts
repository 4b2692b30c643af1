import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { fail, type Ip, inPrefix, ok, type Result } from '@softset/base';
import { tool } from '../doctor/tool.js';
import { readNetwork } from './answers.js';
import { hostsToAsk, type Leg, type Link, legsOf, networkFlag, type Proposal, propose, readHosts } from './proposal.js';

/** discard (RFC 863): a datagram there asks nothing of a board but who it is, by ARP, as for any other. */
const DISCARD = 9;
/**
 * The kernel keeps about a thousand neighbours that have not answered, for five seconds each (gc_thresh3, arp(7)): so many
 * are asked at once on each network, in so many ms. Where its table is full, for which others on a machine of many boards
 * may be the reason, it does not ask (ENOBUFS), and is told again.
 */
const AT_ONCE = 64;
const pauseMs = 800;
const TRIES = 4;
/** ARP asks three times, a second apart; whoever is there answers the first. */
const lastMs = 1_000;

export interface NetworkFlags {
  readonly networkA?: string;
  readonly networkB?: string;
}

export interface Seen extends Proposal {
  readonly legs: Readonly<Record<'A' | 'B', Leg>>;
  /** How many addresses were asked on both networks together. */
  readonly asked: number;
}

/** Looks at this board's devices, and asks both networks who is there. Needs no root. Error: `USAGE`, with what was seen. */
export async function lookAround(own: string, flags: NetworkFlags): Promise<Result<Seen, 'USAGE'>> {
  const legs = chooseLegs(legsOf(await links()), flags);
  if (!legs.ok) return legs;
  const { A, B } = legs.value;
  const hosts = { A: hostsToAsk(A), B: hostsToAsk(B) };
  const [onA, onB] = await Promise.all([askAll(A, hosts.A), askAll(B, hosts.B)]);
  const answered = { A: onA, B: onB };
  const names = readHosts(textOf('/etc/hosts'));
  const proposal = propose({ own, legs: legs.value, answered, names });
  return ok({ ...proposal, legs: legs.value, asked: hosts.A.length + hosts.B.length });
}

/** The two that flags name, or the only two that there are. */
export function chooseLegs(
  all: readonly Leg[],
  flags: NetworkFlags,
): Result<Readonly<Record<'A' | 'B', Leg>>, 'USAGE'> {
  const named: Partial<Record<'A' | 'B', Leg>> = {};
  for (const [network, text] of [
    ['A', flags.networkA],
    ['B', flags.networkB],
  ] as const) {
    if (text === undefined) continue;
    const read = readNetwork(network, text);
    if (!read.ok) return read;
    const leg = all.find(({ device, address }) => device === read.value.device && inPrefix(address, read.value.subnet));
    if (leg === undefined)
      return fail(
        'USAGE',
        `network ${network}: ${read.value.device} is not up with an address of its subnet; there are ${listed(all)}`,
      );
    named[network] = leg;
  }
  const rest = all.filter((leg) => leg !== named.A && leg !== named.B);
  const missing = (['A', 'B'] as const).filter((network) => named[network] === undefined);
  const A = named.A ?? rest.shift();
  const B = named.B ?? rest.shift();
  // Which of three, nobody can guess.
  if (A === undefined || B === undefined || (missing.length > 0 && rest.length > 0))
    return fail(
      'USAGE',
      `${missing.map((network) => `--network-${network.toLowerCase()}`).join(' and ')} must say which: devices with an address and a carrier are ${listed(all)}`,
    );
  return ok({ A, B });
}

const listed = (legs: readonly Leg[]): string => legs.map(networkFlag).join('; ') || 'none';

async function links(): Promise<readonly Link[]> {
  const { out } = await tool('ip', ['-json', 'address', 'show']);
  return parsed<Link>(out);
}

function parsed<T>(json: string): readonly T[] {
  try {
    return JSON.parse(json) as readonly T[];
  } catch {
    return [];
  }
}

async function askAll(leg: Leg, hosts: readonly Ip[]): Promise<readonly Ip[]> {
  const there = new Set<Ip>();
  const look = async (): Promise<void> => {
    for (const ip of await neighbours(leg)) there.add(ip);
  };
  const socket = createSocket('udp4');
  // ECONNREFUSED and EHOSTUNREACH are answers, too, and not ours to read.
  socket.on('error', () => {});
  await new Promise<void>((done) => socket.bind(0, leg.address, () => done()));
  try {
    let left = hosts.map((ip) => ({ ip, tries: TRIES }));
    while (left.length > 0) {
      const now = left.slice(0, AT_ONCE);
      left = left.slice(AT_ONCE);
      for (const { ip, tries } of now)
        socket.send(Uint8Array.of(0), DISCARD, ip, (error) => {
          if ((error as NodeJS.ErrnoException | null)?.code === 'ENOBUFS' && tries > 1)
            left.push({ ip, tries: tries - 1 });
        });
      await new Promise((done) => setTimeout(done, pauseMs));
      // At once: where its table is full, the kernel forgets those first that answered five seconds ago.
      await look();
    }
    await new Promise((done) => setTimeout(done, lastMs));
    await look();
    return [...there];
  } finally {
    socket.close();
  }
}

interface Neighbour {
  readonly dst?: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
}

/** Who has a MAC in the kernel's table, and has not been found gone. */
async function neighbours({ device, subnet }: Leg): Promise<Ip[]> {
  const { out } = await tool('ip', ['-json', '-4', 'neighbour', 'show', 'dev', device]);
  return parsed<Neighbour>(out).flatMap(({ dst, lladdr, state = [] }) =>
    dst !== undefined && lladdr !== undefined && !state.includes('FAILED') && inPrefix(dst, subnet) ? [dst] : [],
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
