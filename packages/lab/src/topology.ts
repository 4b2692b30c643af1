import { readFileSync } from 'node:fs';
import {
  fail,
  formatMac,
  type Ip,
  inPrefix,
  type Mac,
  ok,
  parseIp,
  parseIpv4,
  parsePrefix,
  type Result,
} from '@softset/base';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { boardAgent } from './board-agent.js';

/** The two Ethernet networks; there is no other bus (002 ¶0027, Fig. 3). */
export type Network = 'A' | 'B';
export const networks: readonly Network[] = ['A', 'B'];

/** Names that the lab uses for its own namespaces and devices. */
const reserved = new Set(['outside', 'switch-a', 'switch-b', 'trunk', 'br0', 'lo', 'all']);

const prefix = z
  .string()
  .refine((text) => parsePrefix(text).ok, 'needs an address and a prefix length, like 10.1.1.1/16');
const ip = z.string().refine((text) => parseIp(text).ok, 'needs an address, like 10.1.1.254');
/** A board's name is its switch port's name too, and a device's name has 15 bytes (linux/if.h IFNAMSIZ less the zero). */
const boardName = z.string().regex(/^[a-z][a-z0-9-]{0,14}$/, 'needs lower case letters, digits and dashes, at most 15');

const route = z.strictObject({
  to: z.union([z.literal('default'), prefix]).describe('destination'),
  via: ip.optional().describe('gateway; without it the destination is on the link'),
  device: z.enum(['a0', 'b0', 'out0']).optional().describe('device; found by the gateway when left out'),
  metric: z.int().min(0).max(0xffff_ffff).optional().describe('lower is preferred; default 0'),
});

const daemon = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'needs lower case letters, digits and dashes, at most 32'),
  command: z
    .array(z.string())
    .min(1)
    .describe('program and arguments; {node} {board} {runDir} {stateDir} {bootIdFile} {labDir} are filled in'),
  restart: z.boolean().default(true).describe('start it again at once when it exits; default true'),
  after: z.string().optional().describe('a file: started once it is there; the same words are filled in'),
  realTime: z.int().min(1).max(99).optional().describe('started under SCHED_RR with this priority, where permitted'),
  boards: z.array(boardName).optional().describe('only on these boards; default all'),
});

const links = z.union([prefix, z.array(prefix).min(1)]).describe('private address or addresses with prefix length');

const board = z.strictObject({
  A: links.optional(),
  B: links.optional(),
  outside: prefix.optional().describe('address of the third leg, out0, on the outside segment'),
  forward: z.boolean().default(false).describe('forwards packets, as a router; default false'),
  routes: z.array(route).default([]),
  sysctls: z.record(z.string().regex(/^net(\.[a-z0-9_-]+)+$/), z.union([z.string(), z.int()])).default({}),
  daemons: z.array(daemon.omit({ boards: true })).default([]),
});

const switchAgent = z.strictObject({
  address: prefix.describe("the switch's own address, on its bridge"),
  overlay: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('what it says beside or in place of what its bridge knows: switch-agent/overlay.ts'),
  more: z
    .array(z.string().regex(/^(\.\d+){2,}$/, 'needs an OID with its leading dot, like .1.0.8802.1.1.2'))
    .default([])
    .describe("subtrees that the overlay's rows lie in, beside BRIDGE-MIB"),
});

const snmp = z.strictObject({
  community: z
    .string()
    .regex(/^[!-~]{1,32}$/, 'needs printable characters without space, at most 32')
    .describe('by which each agent is read, and SET'),
  port: z.int().min(1).max(65535).default(161).describe('of every agent; default 161'),
  switches: z.strictObject({ A: switchAgent.optional(), B: switchAgent.optional() }).default({}),
});

const schema = z.strictObject({
  snmp: snmp.optional().describe("an SNMP agent on each board, Debian's snmpd, and on the switches that are named"),
  trunk: z.boolean().default(true).describe('a link between the two switches: one broadcast domain; default true'),
  outside: z
    .strictObject({ client: prefix, gateway: ip.optional(), routes: z.array(prefix).default([]) })
    .optional()
    .describe('the outside segment with its client'),
  daemons: z.array(daemon).default([]),
  cluster: z
    .string()
    .min(1)
    .optional()
    .describe('a cluster file, relative to this one: `softset lab up` starts its daemons on its boards'),
  boards: z.record(boardName, board),
});

export type Route = z.infer<typeof route>;
export type DaemonSpec = z.input<typeof daemon>;
export type Daemon = Omit<z.infer<typeof daemon>, 'boards'>;

export type SnmpAgents = z.output<typeof snmp>;

export interface Port {
  readonly network: Network;
  /** `a0` or `b0`, inside the board. */
  readonly device: string;
  /** With prefix lengths; the first is the IPv4 address that the MAC is made of. */
  readonly prefixes: readonly string[];
  readonly ip: Ip;
  readonly mac: Mac;
}

export interface Board {
  readonly name: string;
  readonly ports: readonly Port[];
  readonly outside?: string;
  readonly forward: boolean;
  readonly routes: readonly Route[];
  readonly sysctls: Readonly<Record<string, string | number>>;
  readonly daemons: readonly Daemon[];
}

export interface Topology {
  readonly trunk: boolean;
  /** Agents of boards and switches; absent: none. */
  readonly snmp?: SnmpAgents;
  /** The cluster file whose daemons are to run, as the file names it. */
  readonly cluster?: string;
  readonly outside?: { readonly client: string; readonly gateway?: Ip; readonly routes: readonly string[] };
  readonly boards: readonly Board[];
}

/** 02:00 and the four bytes of the private IPv4 address: stable, and readable in a capture (10.1.1.11 → 02:00:0a:01:01:0b). */
export function boardMac(ipv4: Ip): Mac {
  const bytes = parseIpv4(ipv4);
  return bytes.ok ? formatMac(Uint8Array.of(2, 0, ...bytes.value)) : '02:00:00:00:00:00';
}

/** Which board a MAC belongs to: the judges name boards by it. */
export function macTable(topology: Topology): Map<Mac, string> {
  return new Map(topology.boards.flatMap((b) => b.ports.map((p) => [p.mac, b.name] as const)));
}

export function findBoard(topology: Topology, name: string): Board | undefined {
  return topology.boards.find((b) => b.name === name);
}

type Problem = { readonly path: readonly PropertyKey[]; readonly message: string };

function portOf(network: Network, value: string | readonly string[]): Port | undefined {
  const prefixes = typeof value === 'string' ? [value] : value;
  const first = parsePrefix(prefixes[0] ?? '');
  if (!first.ok || !parseIpv4(first.value.ip).ok) return undefined;
  const { ip } = first.value;
  return { network, device: network === 'A' ? 'a0' : 'b0', prefixes, ip, mac: boardMac(ip) };
}

function build(input: z.infer<typeof schema>, extra: readonly z.infer<typeof daemon>[]): Topology | Problem {
  const boards: Board[] = [];
  const taken = new Map<string, string>();
  for (const [name, b] of Object.entries(input.boards)) {
    const at = ['boards', name];
    if (reserved.has(name)) return { path: at, message: 'this name is the lab’s own; choose another' };
    const ports: Port[] = [];
    for (const network of networks) {
      const value = b[network];
      if (value === undefined) continue;
      const port = portOf(network, value);
      if (port === undefined) return { path: [...at, network], message: 'the first address must be IPv4' };
      const other = taken.get(port.ip);
      if (other !== undefined) return { path: [...at, network], message: `${port.ip} is ${other}’s already` };
      taken.set(port.ip, name);
      ports.push(port);
    }
    if (ports.length === 0) return { path: at, message: 'needs a link to network A or B' };
    if (b.outside !== undefined && input.outside === undefined) {
      return { path: [...at, 'outside'], message: 'there is no outside segment in this file' };
    }
    const everywhere = [...input.daemons, ...extra].filter((d) => d.boards === undefined || d.boards.includes(name));
    const agent = input.snmp === undefined ? [] : [boardAgent(input.snmp, name, ports)];
    const daemons = [...everywhere.map(({ boards: _, ...rest }) => rest), ...agent, ...b.daemons];
    const twice = daemons.find((d, i) => daemons.findIndex((o) => o.name === d.name) !== i);
    if (twice !== undefined) return { path: [...at, 'daemons'], message: `"${twice.name}" is named twice` };
    const { outside, forward, routes, sysctls } = b;
    boards.push({ name, ports, forward, routes, sysctls, daemons, ...(outside === undefined ? {} : { outside }) });
  }
  if (boards.length === 0) return { path: ['boards'], message: 'needs at least one board' };
  const known = new Set(boards.map((b) => b.name));
  for (const [i, d] of [...input.daemons, ...extra].entries()) {
    const stray = d.boards?.find((name) => !known.has(name));
    if (stray !== undefined) return { path: ['daemons', i, 'boards'], message: `there is no board "${stray}"` };
  }
  const o = input.outside;
  const common = {
    trunk: input.trunk,
    boards,
    ...(input.snmp === undefined ? {} : { snmp: input.snmp }),
    ...(input.cluster === undefined ? {} : { cluster: input.cluster }),
  };
  if (o === undefined) return common;
  const client = parsePrefix(o.client);
  if (o.gateway !== undefined && client.ok && !inPrefix(o.gateway, client.value)) {
    return { path: ['outside', 'gateway'], message: `${o.gateway} is not on the segment of ${o.client}` };
  }
  const outside = { client: o.client, routes: o.routes, ...(o.gateway === undefined ? {} : { gateway: o.gateway }) };
  return { ...common, outside };
}

/**
 * Reads a topology. Errors name file, line, field, and what is allowed: `TOPOLOGY_INVALID`.
 * `extra` are daemons given as data beside the file's own.
 */
export function parseTopology(
  text: string,
  file: string,
  extra: readonly DaemonSpec[] = [],
): Result<Topology, 'TOPOLOGY_INVALID'> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const refuse = (line: number, path: readonly PropertyKey[], message: string) =>
    fail('TOPOLOGY_INVALID', `${file}:${line}: ${path.length > 0 ? `${path.map(String).join('.')}: ` : ''}${message}`);
  const broken = document.errors[0];
  if (broken !== undefined) return refuse(lines.linePos(broken.pos[0]).line, [], broken.message.split('\n')[0] ?? '');
  const lineOf = (path: readonly PropertyKey[]): number => {
    // The innermost part of the path that the file has: a missing field is reported at its parent.
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const parsed = schema.safeParse(document.toJS());
  const more = z.array(daemon).safeParse(extra);
  if (!more.success) return fail('TOPOLOGY_INVALID', `daemons given as data: ${z.prettifyError(more.error)}`);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const stray = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const path = [...(issue?.path ?? []), ...stray];
    return refuse(lineOf(path), path, issue?.message ?? 'not a topology');
  }
  const built = build(parsed.data, more.data);
  return 'message' in built ? refuse(lineOf(built.path), built.path, built.message) : ok(built);
}

/** As `parseTopology`; an unreadable file is `TOPOLOGY_INVALID` too. */
export function readTopology(file: string, extra: readonly DaemonSpec[] = []): Result<Topology, 'TOPOLOGY_INVALID'> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return fail('TOPOLOGY_INVALID', `${file}: ${(cause as Error).message}`, cause);
  }
  return parseTopology(text, file, extra);
}
