import { parseIp } from '@softset/base';
import type { Board, Cluster } from '@softset/protocol';
import type { Value } from '../agentx/value.js';
import { Rows } from '../mib/rows.js';
import { type AnyLeaf, anyLeaf } from '../mib/view.js';
import { octetsOf } from '../octets.js';
import type { Oid } from '../oid.js';
import type { Behind } from '../relay/behind.js';
import { engineIdOctets } from '../snmpd-conf.js';
import { IF_ENTRY } from './inventory.js';
import { integerOf, interfaceName } from './merged-interfaces.js';
import { containerOf, type Entity, moduleIndex } from './physical.js';

/** ENTITY-MIB (RFC 6933). entLastChangeTime is left out: it is by snmpd's clock, which AgentX does not carry. */
export const ENTITY_MIB: Oid = [1, 3, 6, 1, 2, 1, 47, 1];
const PHYSICAL: Oid = [...ENTITY_MIB, 1, 1, 1];
const LOGICAL: Oid = [...ENTITY_MIB, 2, 1, 1];
const LP_MAPPING: Oid = [...ENTITY_MIB, 3, 1, 1, 1];
const ALIAS: Oid = [...ENTITY_MIB, 3, 2, 1, 2];
const CONTAINS: Oid = [...ENTITY_MIB, 3, 3, 1, 1];

const integer = (value: number): Value => ({ type: 'integer', value });
const text = (value: string): Value => ({ type: 'octets', value: octetsOf(value.slice(0, 255)) });
const oid = (value: Oid): Value => ({ type: 'oid', value });
const NOTHING = text('');
const CLASS = { chassis: 3, board: 9, switch: 9, port: 10 } as const;

function table<R>(
  entry: Oid,
  rows: Rows<R>,
  columns: Readonly<Record<number, (row: R) => Value | undefined>>,
): AnyLeaf[] {
  return Object.entries(columns).map(([id, read]) => anyLeaf<R>({ oid: [...entry, Number(id)], rows, read }));
}

export interface EntityParts {
  readonly cluster: Cluster;
  /** Where this agent runs: its snmpd is how the others are reached. */
  readonly board: Board;
  readonly behind: readonly Behind[];
  readonly entities: readonly Entity[];
}

export function entityLeaves({ cluster, board, behind, entities }: EntityParts): AnyLeaf[] {
  const physical = Rows.of(entities.map((one) => [[one.index], one] as const));
  const logical = Rows.of(behind.map((one) => [[one.agent.number], one] as const));
  const mapped = Rows.of(
    behind.map(({ agent }) => [[agent.number, moduleIndex(agent.number)], moduleIndex(agent.number)] as const),
  );
  const ports = entities.filter((one) => one.kind === 'port');
  const aliases = Rows.of(ports.map((one) => [[one.index, 0], one.index] as const));
  const inside = entities.filter((one) => containerOf(one) !== 0);
  const contained = Rows.of(inside.map((one) => [[containerOf(one), one.index], one.index] as const));
  const empty = [8, 9, 10, 11, 12, 13, 14, 15, 18, 19].map((id) => [id, () => NOTHING]);
  const front = transportAddress(cluster, board);
  return [
    ...table(PHYSICAL, physical, {
      2: (one) => text(descrOf(one)),
      3: () => oid([0, 0]),
      4: (one) => integer(containerOf(one)),
      5: ({ kind }) => integer(CLASS[kind]),
      6: (one) => integer(placeOf(one)),
      7: (one) => (one.kind === 'port' ? { type: 'octets', value: interfaceName(one.port.own) } : text(nameOf(one))),
      16: ({ kind }) => integer(kind === 'board' || kind === 'switch' ? 1 : 2),
      17: () => ({ type: 'octets', value: new Uint8Array(8) }),
      ...Object.fromEntries(empty),
    }),
    ...table(LOGICAL, logical, {
      2: ({ agent }) => text(`own agent of ${agent.name}`),
      // mib-2 of a board, dot1dBridge of a switch.
      3: ({ agent }) => oid(agent.board === undefined ? [1, 3, 6, 1, 2, 1, 17] : [1, 3, 6, 1, 2, 1]),
      4: () => NOTHING,
      5: () => front,
      // snmpUDPDomain (RFC 3417).
      6: () => oid([1, 3, 6, 1, 6, 1, 1]),
      7: () => ({ type: 'octets', value: engineIdOctets(cluster.number, board.id) }),
      8: ({ agent }) => text(agent.name),
    }),
    ...table(LP_MAPPING, mapped, { 1: integer }),
    anyLeaf<number>({ oid: ALIAS, rows: aliases, read: (index) => oid([...IF_ENTRY, 1, index]) }),
    anyLeaf<number>({ oid: CONTAINS, rows: contained, read: integer }),
  ].filter((leaf) => leaf.rows.length > 0);
}

function nameOf(entity: Exclude<Entity, { kind: 'port' }>): string {
  if (entity.kind === 'chassis') return entity.cluster.name;
  return entity.kind === 'board' ? entity.board.name : entity.behind.agent.name;
}

function descrOf(entity: Entity): string {
  switch (entity.kind) {
    case 'chassis':
      return 'SOFTSET chassis';
    case 'board':
      return entity.behind?.inventory?.descr ?? `${entity.board.role} board`;
    case 'switch':
      return entity.behind.inventory?.descr ?? 'switch';
    case 'port':
      return `port of ${entity.port.behind.agent.name}`;
  }
}

function placeOf(entity: Entity): number {
  switch (entity.kind) {
    case 'chassis':
      return -1;
    case 'board':
      return entity.board.id;
    case 'switch':
      return entity.behind.agent.number;
    case 'port':
      return integerOf(entity.port.own, 1) || entity.port.own.index;
  }
}

/** Of the snmpd in front of this agent, as far as the cluster file tells: address and port in six octets (RFC 3417). */
function transportAddress(cluster: Cluster, board: Board): Value | undefined {
  const listen = (cluster.snmp?.listen ?? []).find((one) => one.startsWith('udp:'))?.slice('udp:'.length) ?? '161';
  const [port = '161', ...rest] = listen.split(':').reverse();
  const said = rest.reverse().join(':');
  const address = parseIp(said === '' || said === '0.0.0.0' ? board.addresses.A : said);
  if (!address.ok || address.value.length !== 4 || !/^[0-9]{1,5}$/.test(port)) return undefined;
  const number = Number(port);
  return { type: 'octets', value: Uint8Array.of(...address.value, number >> 8, number & 0xff) };
}
