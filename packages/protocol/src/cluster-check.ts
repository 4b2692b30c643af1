import { inPrefix, type Prefix, parsePrefix } from '@softset/base';
import { type Board, type Cluster, NETWORKS, type Network, type Program, type ProgramFile } from './cluster.js';
import type { ClusterFile } from './cluster-schema.js';
import { checkGeoDhcp } from './geodhcp-check.js';
import { checkOrder } from './order-check.js';
import { settlePace } from './probe-pace.js';
import { checkProgram } from './program-check.js';
import { checkServices } from './service-check.js';
import { checkSnmp } from './snmp-check.js';

/** Something wrong, and where: `path` leads to the field. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Turns a file whose fields are each right into a cluster, or says what does not fit together.
 * Everything that is wrong is said at once, not only the first thing.
 */
export function checkCluster(file: ClusterFile): { cluster: Cluster } | { findings: Finding[] } {
  const findings: Finding[] = [];
  const find = (path: Finding['path'], message: string): void => {
    findings.push({ path, message });
  };
  const prefix = (path: Finding['path'], text: string): Prefix => {
    const parsed = parsePrefix(text);
    if (parsed.ok) return parsed.value;
    find(path, parsed.message);
    return { ip: '0.0.0.0', length: 0 };
  };
  const networks = {
    A: network('A'),
    B: network('B'),
  };
  function network(which: Network): Cluster['networks']['A'] {
    const { subnet, multicast } = file.networks[which];
    const parsed = prefix(['networks', which, 'subnet'], subnet);
    if (multicast === undefined) return { subnet: parsed };
    const group = prefix(['networks', which, 'multicast'], `${multicast}/${multicast.includes(':') ? 128 : 32}`);
    return { subnet: parsed, multicast: group.ip };
  }

  const boards: Board[] = [];
  const owner = new Map<string, string>();
  for (const [name, entry] of Object.entries(file.boards)) {
    const twin = boards.find((other) => other.id === entry.id);
    if (twin) find(['boards', name, 'id'], `board id ${entry.id} is ${twin.name}'s already; each board needs its own`);
    const addresses = { A: entry.A, B: entry.B };
    for (const which of ['A', 'B'] as const) {
      const path = ['boards', name, which];
      const ip = prefix(path, `${entry[which]}/${entry[which].includes(':') ? 128 : 32}`).ip;
      addresses[which] = ip;
      const { subnet } = networks[which];
      if (ip !== '0.0.0.0' && subnet.length > 0 && !inPrefix(ip, subnet)) {
        find(path, `${ip} is outside network ${which} (${subnet.ip}/${subnet.length})`);
      }
      const first = owner.get(ip);
      if (first !== undefined) find(path, `${ip} is ${first}'s address already`);
      owner.set(ip, `${name} on ${which}`);
    }
    if (entry.power && !entry.power.off[0]?.startsWith('/'))
      find(['boards', name, 'power', 'off', 0], `"${entry.power.off[0]}" is not an absolute path`);
    if (entry.vote && !entry.disk) {
      find(['boards', name, 'vote'], 'a board without a disk forgets its votes at each boot, so it cannot vote');
    }
    boards.push({
      name,
      id: entry.id,
      role: entry.role,
      addresses,
      devices: { A: entry.deviceA ?? file.networks.A.device, B: entry.deviceB ?? file.networks.B.device },
      vote: entry.vote,
      disk: entry.disk,
      ...(entry.power === undefined ? {} : { power: entry.power }),
      ...(entry.switchPorts === undefined ? {} : { switchPorts: entry.switchPorts }),
      ...(entry.capacity === undefined ? {} : { capacity: entry.capacity }),
    });
  }
  boards.sort((a, b) => a.id - b.id);
  const byName = new Map(boards.map((board) => [board.name, board]));

  const votes = boards.filter((board) => board.vote).length;
  if (votes === 0) find(['boards'], 'no board has a vote; give one or, better, three boards vote: true');
  if (votes === 2 && file.cluster.splitBrain !== 'accepted') {
    find(
      ['boards'],
      'two votes cannot outlive a cut: give a third board vote: true as a witness, or say cluster.splitBrain: accepted',
    );
  }

  const { intervalMs, leaseMs, proofMs } = file.timing;
  if (proofMs < 3 * intervalMs) {
    find(
      ['timing', 'proofMs'],
      `${proofMs} ms is less than three beats of ${intervalMs} ms: one late beat would silence a director`,
    );
  }
  if (leaseMs < 4 * proofMs) {
    find(
      ['timing', 'leaseMs'],
      `${leaseMs} ms is less than four times proofMs (${proofMs} ms): a director could not be replaced within a lease`,
    );
  }

  const services = checkServices(file, { byName, owner, prefix, unknown }, find);
  const programService = new Map<string, string>();
  const programBoards = new Map<string, Set<number>>();
  for (const [name, entry] of Object.entries(file.services)) {
    entry.programs.forEach((program, i) => {
      const at = ['services', name, 'programs', i];
      if (!(program in file.programs)) find(at, unknown('program', program, Object.keys(file.programs)));
      const first = programService.get(program);
      if (first !== undefined) find(at, `program ${program} belongs to service ${first} already`);
      programService.set(program, name);
      programBoards.set(program, new Set(services.find((one) => (one.group ?? one.name) === name)?.pool));
    });
  }
  if (services.length > 64) find(['services'], `${services.length} services; at most 64 fit the beat's lease bitmap`);

  const entries: (Omit<Program, 'probe'> & { readonly probe?: ProgramFile['probe'] })[] = [];
  for (const [name, { boards: own, ...entry }] of Object.entries(file.programs)) {
    for (const { path, message } of checkProgram({ ...entry, boards: own })) find(['programs', name, ...path], message);
    const ids = programBoards.get(name) ?? new Set<number>();
    (own ?? []).forEach((member, i) => {
      const board = byName.get(member);
      if (board) ids.add(board.id);
      else find(['programs', name, 'boards', i], unknown('board', member, byName.keys()));
    });
    // Boards and services that are named wrongly were complained of above.
    if ((own ?? []).length === 0 && !programService.has(name))
      find(['programs', name], 'belongs to no service and names no boards, so nothing would run it');
    const service = programService.get(name);
    entries.push({
      name,
      ...entry,
      boards: [...ids].sort((a, b) => a - b),
      ...(service === undefined ? {} : { service }),
    });
  }

  const programs = settlePace(entries);

  const { beat, relay, alert } = file.ports;
  if (beat === relay || relay === alert || beat === alert) find(['ports'], 'beat, relay and alert need a port each');
  findings.push(...checkOrder(programs, (named) => unknown('program', named, Object.keys(file.programs))));
  const { escalation } = file;
  if (escalation?.reboot && !escalation.boardFailover)
    find(['escalation', 'reboot'], 'needs boardFailover, the rung below it');
  if (escalation?.reboot && !escalation.reboot.command[0]?.startsWith('/'))
    find(['escalation', 'reboot', 'command', 0], `"${escalation.reboot.command[0]}" is not an absolute path`);

  const gateway = file.gateway === undefined ? undefined : byName.get(file.gateway);
  if (file.gateway !== undefined && !gateway) find(['gateway'], unknown('board', file.gateway, byName.keys()));
  const outside = file.outside.map((text, i) => prefix(['outside', i], text));
  if (outside.length > 0 && file.gateway === undefined) find(['outside'], 'needs a gateway to lead there');

  const routers = Object.entries(file.routers).map(([name, router]) => {
    if (!router.tell[0]?.startsWith('/'))
      find(['routers', name, 'tell', 0], `"${router.tell[0]}" is not an absolute path`);
    return { name, ...router };
  });

  const geodhcp = file.geodhcp === undefined ? undefined : checkGeoDhcp(file.geodhcp, boards, networks, find);
  const snmp = file.snmp && checkSnmp(file.snmp, boards, find);
  for (const [name, { switchPorts }] of Object.entries(file.boards)) {
    for (const which of NETWORKS) {
      const agent = switchPorts?.[which].agent;
      if (agent !== undefined && !(agent in (file.snmp?.agents ?? {})))
        find(
          ['boards', name, 'switchPorts', which, 'agent'],
          unknown('agent', agent, Object.keys(file.snmp?.agents ?? {})),
        );
    }
    const { A, B } = switchPorts ?? {};
    if (A !== undefined && A.agent === B?.agent && A.port === B.port)
      find(['boards', name, 'switchPorts'], `${A.port} of ${A.agent} cannot be on both networks`);
  }

  if (findings.length > 0) return { findings };
  const cluster: Cluster = {
    name: file.cluster.name,
    number: file.cluster.number,
    keyFile: file.cluster.keyFile,
    ...(file.cluster.oldKeyFile === undefined ? {} : { oldKeyFile: file.cluster.oldKeyFile }),
    timing: { intervalMs, leaseMs, proofMs },
    ports: file.ports,
    networks,
    boards,
    ...(gateway ? { gateway: gateway.id } : {}),
    outside,
    ...(routers.length === 0 ? {} : { routers }),
    services,
    programs,
    ...(escalation === undefined ? {} : { escalation }),
    ...(geodhcp === undefined ? {} : { geodhcp }),
    ...(snmp ? { snmp } : {}),
  };
  return { cluster };
}

export function unknown(what: string, name: string, known: Iterable<string>): string {
  const list = [...known].sort().join(', ');
  return `unknown ${what} "${name}"; known: ${list === '' ? 'none' : list}`;
}
