import {
  type BoardState,
  compareGrants,
  type NetrackState,
  otherNetwork,
  type Service,
  type ServiceState,
} from '@softset/protocol';
import { clear, reportedLife } from './clear.js';
import { candidates, entryOf } from './grants.js';
import { majorityOf, peerOf, voters, votesPresent } from './state.js';
import type { ClusterConfig, ClusterState } from './types.js';

/** The snapshot that everybody reads. */
export function viewOf(state: ClusterState, nowMs: number, config: ClusterConfig): NetrackState {
  const { cluster, self } = config;
  return {
    cluster: cluster.name,
    board: self,
    nowMs,
    term: state.term,
    director: state.director,
    deputy: deputySeen(state, config),
    role: state.role,
    directing: directing(state, nowMs),
    amnesiac: state.amnesiac,
    quorum: {
      present: votesPresent(state, config).length,
      needed: majorityOf(state, config),
      votes: voters(state, config).length,
    },
    pulse: state.pulseUp,
    boards: cluster.boards.map((board) => boardState(state, board.id, board.name, nowMs, config)),
    faults: state.faults,
    services: cluster.services.map((service) => serviceState(state, service, nowMs, config)),
    register: {
      term: state.register.term,
      index: state.register.index,
      ...(state.lead ? { committed: state.lead.committed } : {}),
    },
    alarms: state.register.alarms,
    ...(state.register.prefers === undefined ? {} : { prefers: state.register.prefers }),
    ...(state.register.rollout === undefined ? {} : { rollout: state.register.rollout }),
  };
}

function deputySeen(state: ClusterState, config: ClusterConfig): number {
  if (state.role === 'director') return state.lead?.deputy ?? 0;
  return state.director === 0 || state.director === config.self ? 0 : (peerOf(state, state.director)?.deputy ?? 0);
}

/** It may decide: elected, its proof stands, and its pulse knows whom it vouches for. */
export function directing(state: ClusterState, nowMs: number): boolean {
  return (
    state.role === 'director' &&
    state.lead?.vouching !== undefined &&
    state.pace !== undefined &&
    state.pace.term === state.term &&
    state.pace.proofUntilMs > nowMs
  );
}

function boardState(state: ClusterState, id: number, name: string, nowMs: number, config: ClusterConfig): BoardState {
  const programs = state.programs.get(id)?.programs ?? [];
  const member = state.register.members.find((one) => one.board === id);
  const admin = member?.admin ?? 'in-service';
  const left = member?.left === true ? ({ left: true } as const) : {};
  const { report } = state;
  const release = id === config.self ? config.release : state.releases.get(id);
  const runs = release === undefined ? {} : { release };
  const gateway = reachesGateway(state, id, config);
  if (id === config.self) {
    return {
      board: id,
      name,
      verdict: 'self',
      sinceMs: state.sinceMs,
      paths: report?.carrier ?? { A: false, B: false },
      daemons: report?.daemons ?? [],
      amnesiac: state.amnesiac,
      leaving: false,
      health: report?.health ?? 0,
      programs,
      admin,
      ...left,
      ...runs,
      ...(gateway === undefined ? {} : { gateway }),
      ...(config.configuration === undefined ? {} : { configuration: hex32(config.configuration) }),
    };
  }
  const peer = peerOf(state, id);
  const { prefers = 'A' } = state.register;
  const path = [prefers, otherNetwork(prefers)].find((network) => peer?.paths[network]);
  return {
    board: id,
    name,
    verdict: peer?.verdict ?? 'unknown',
    sinceMs: peer?.sinceMs ?? nowMs,
    ...(path ? { path } : {}),
    paths: peer?.paths ?? { A: false, B: false },
    daemons: peer?.daemons ?? [],
    amnesiac: peer?.amnesiac ?? false,
    leaving: peer?.leaving ?? false,
    health: peer?.health ?? 0,
    programs,
    admin,
    ...left,
    ...runs,
    ...(gateway === undefined ? {} : { gateway }),
    ...(peer === undefined || peer.config === 0 ? {} : { configuration: hex32(peer.config) }),
  };
}

function hex32(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}

/** By its own beats: whom it hears. Undefined where there is no gateway, or the board does not tell us. */
function reachesGateway({ report }: ClusterState, id: number, { cluster, self }: ClusterConfig): boolean | undefined {
  const { gateway } = cluster;
  if (gateway === undefined || !report) return undefined;
  if (id === gateway) return true;
  const peer = report.boards.find(({ board }) => board === id);
  if (id !== self && peer?.verdict !== 'up') return undefined;
  const heard = (network: 'A' | 'B'): boolean =>
    id === self
      ? report.boards.some(({ board, paths }) => board === gateway && paths[network])
      : peer?.hears[network].includes(gateway) === true;
  return heard('A') || heard('B');
}

function serviceState(state: ClusterState, service: Service, nowMs: number, config: ClusterConfig): ServiceState {
  const entry = entryOf(state, service.name);
  const base = {
    service: service.name,
    cause: entry?.cause ?? '',
    ...(entry?.holder ? { holder: entry.holder } : {}),
    ...(entry?.next ? { next: entry.next } : {}),
    ...(entry?.pin === undefined ? {} : { pin: entry.pin }),
  };
  return { ...base, phase: phaseOf(state, service, nowMs, config) };
}

/** What a director may say of a service; others repeat the register. */
export function phaseOf(
  state: ClusterState,
  service: Service,
  nowMs: number,
  config: ClusterConfig,
): ServiceState['phase'] {
  const { lead } = state;
  const entry = entryOf(state, service.name);
  if (!lead) return entry?.holder ? 'held' : 'unknown';
  if (lead.moves.has(service.name)) return 'moving';
  const holder = entry?.holder;
  if (holder) {
    const held = lead.possible.get(holder.board)?.get(service.name);
    const confirmed =
      held !== undefined && compareGrants(held, holder.grant) === 0 && reportedLife(state, holder.board, config);
    const alive = holder.board === config.self || lead.vouching?.has(holder.board) === true;
    if (confirmed && alive && clear(state, holder.board, service, nowMs, config) === undefined) return 'held';
  }
  const all = candidates(state, service).every((board) => clear(state, board, service, nowMs, config) !== undefined);
  return all ? 'free' : 'silent';
}
