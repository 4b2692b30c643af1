import type { Change, Register, ServiceEntry } from '@softset/protocol';
import { amend } from './register.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';
import { wishVote } from './votes.js';

/** Votes wait for their turn (R4); all else is written at once. */
type Written = Exclude<Change, { kind: 'leave' | 'return' }>;

/**
 * An operator's or a rule's change of pins, of what boards are given and of the network that is preferred, decided by
 * REDIRECT. What names nobody, and what changes nothing, is left out; a board that does not direct changes nothing at all.
 */
export function changeRegister(state: ClusterState, change: Change, config: ClusterConfig): ClusterEffect[] {
  if (change.kind === 'leave' || change.kind === 'return')
    return wishVote(state, change.board, change.kind === 'return', config);
  if (!state.lead || state.role !== 'director' || !isMeaningful(state.register, change, config)) return [];
  amend(state, (register) => changed(register, change));
  return [{ kind: 'log', event: 'register-changed', fields: { ...change } }];
}

function isMeaningful(register: Register, change: Written, { cluster }: ClusterConfig): boolean {
  if (change.kind === 'prefer') return (register.prefers ?? 'A') !== change.network;
  if (change.kind === 'admin') {
    const member = register.members.find(({ board }) => board === change.board);
    return member !== undefined && member.admin !== change.admin;
  }
  const entry = register.services.find(({ service }) => service === change.service);
  if (change.kind === 'unpin') return entry?.pin !== undefined;
  const pool = cluster.services.find(({ name }) => name === change.service)?.pool ?? [];
  return entry !== undefined && entry.pin !== change.board && pool.includes(change.board);
}

function changed(register: Register, change: Written): Register {
  if (change.kind === 'prefer') {
    // A is what nobody has to wish: back to it, nothing is left of the wish.
    const { prefers: _, ...rest } = register;
    return change.network === 'A' ? rest : { ...rest, prefers: change.network };
  }
  if (change.kind === 'admin') {
    const { board, admin } = change;
    const members = register.members.map((member) => (member.board === board ? { ...member, admin } : member));
    return { ...register, members };
  }
  const pinned = ({ pin: _, ...entry }: ServiceEntry): ServiceEntry =>
    change.kind === 'pin' ? { ...entry, pin: change.board } : entry;
  const services = register.services.map((entry) => (entry.service === change.service ? pinned(entry) : entry));
  return { ...register, services };
}
