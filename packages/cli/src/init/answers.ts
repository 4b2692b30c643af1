import { fail, formatIp, inPrefix, ok, type Prefix, parseIp, parsePrefix, type Result } from '@softset/base';

/** What a cluster file begins with. */
export interface Answers {
  readonly name: string;
  /** 1 to 2^32 - 1: tells two clusters on one wire apart. */
  readonly number: number;
  readonly networks: Readonly<Record<'A' | 'B', NetworkAnswer>>;
  readonly boards: readonly BoardAnswer[];
  /** Names of the boards with a vote. */
  readonly votes: readonly string[];
  /** Two votes alone, and known what that costs. */
  readonly splitBrain: boolean;
}

export interface NetworkAnswer {
  readonly subnet: Prefix;
  readonly device: string;
  readonly multicast?: string;
}

export interface BoardAnswer {
  readonly name: string;
  readonly role: 'control' | 'io' | 'router' | 'node';
  readonly A: string;
  readonly B: string;
}

const ROLES = ['control', 'io', 'router', 'node'] as const;
/** Elections want an odd few. */
const VOTES_MAX = 3;

/** `10.1.0.0/16,eth0` or `10.1.0.0/16,eth0,224.0.0.254`. Error: `USAGE`. */
export function readNetwork(which: string, text: string): Result<NetworkAnswer, 'USAGE'> {
  const [subnet = '', device = '', multicast, ...more] = text.split(',').map((part) => part.trim());
  const parsed = parsePrefix(subnet);
  if (!parsed.ok) return fail('USAGE', `network ${which}: ${parsed.message}`);
  if (device === '' || more.length > 0)
    return fail('USAGE', `network ${which}: "${text}" is not SUBNET,DEVICE[,MULTICAST], such as 10.1.0.0/16,eth0`);
  return ok({ subnet: parsed.value, device, ...(multicast ? { multicast } : {}) });
}

/**
 * `cpu-1,cpu-2:control,io-1:io=10.1.1.11/20.1.1.11`: names with a role and with addresses where they are not the next ones
 * of the subnets. Boards without a role are nodes. Error: `USAGE`.
 */
export function readBoards(text: string, networks: Answers['networks']): Result<readonly BoardAnswer[], 'USAGE'> {
  const boards: BoardAnswer[] = [];
  for (const word of text.split(',').map((part) => part.trim())) {
    const [, name = '', role = 'node', own] = /^([^:=]+)(?::([^=]*))?(?:=(.*))?$/.exec(word) ?? [];
    if (name === '') return fail('USAGE', `"${word}" names no board`);
    const known = ROLES.find((one) => one === role);
    if (known === undefined) return fail('USAGE', `${name}: "${role}" is no role; there are ${ROLES.join(', ')}`);
    const [a, b, ...more] = own === undefined ? [] : own.split('/');
    if (own !== undefined && (!a || !b || more.length > 0))
      return fail('USAGE', `${name}: "${own}" is not ADDRESS_ON_A/ADDRESS_ON_B`);
    const place = boards.length + 1;
    const A = a ?? hostOf(networks.A.subnet, place);
    const B = b ?? hostOf(networks.B.subnet, place);
    if (A === undefined || B === undefined)
      return fail('USAGE', `${name}: a network has no address left; give it one: ${name}=ADDRESS_ON_A/ADDRESS_ON_B`);
    boards.push({ name, role: known, A, B });
  }
  return ok(boards);
}

/** Who votes where nobody says: the control boards first, an odd number of them, three at most. */
export function voters(boards: readonly BoardAnswer[], splitBrain: boolean): readonly string[] {
  const ordered = [...boards].sort((a, b) => Number(b.role === 'control') - Number(a.role === 'control'));
  const count = Math.min(VOTES_MAX, ordered.length);
  // Of two one alone votes, or both where that was accepted: two votes outlive no cut.
  const odd = count === 2 && !splitBrain ? 1 : count;
  return ordered.slice(0, odd).map(({ name }) => name);
}

/** The `n`th host of a subnet; undefined beyond its end, and for its broadcast address. */
export function hostOf(subnet: Prefix, n: number): string | undefined {
  const bytes = parseIp(subnet.ip);
  if (!bytes.ok) return undefined;
  const host = Uint8Array.from(bytes.value);
  let carry = n;
  for (let at = host.length - 1; at >= 0 && carry > 0; at--) {
    const sum = (host[at] ?? 0) + carry;
    host[at] = sum & 0xff;
    carry = sum >> 8;
  }
  const ip = formatIp(host);
  const last = 2 ** Math.min(30, host.length * 8 - subnet.length) - 1;
  return carry === 0 && n < last && inPrefix(ip, subnet) ? ip : undefined;
}
