import { fail } from '@softset/base';
import { boardByName, type Cluster, type NetrackMethods, type NetrackState, type Register } from '@softset/protocol';
import { type MethodTable, noParams, ownersMayChange, paramsBy } from '@softset/runtime/control-methods.js';
import type { Configuration } from './configuration.js';
import { configurationMethods } from './configuration-methods.js';
import {
  alarmParams,
  amendParams,
  confirmTermParams,
  fencedParams,
  forceParams,
  orderProgramParams,
  outcomeParams,
  pathParams,
  programsParams,
  serveParams,
  wishedParams,
  wishParams,
  wishProgramParams,
} from './control-params.js';
import type { ClusterEvent } from './core/cluster/types.js';
import { keyMethods } from './key-methods.js';
import type { Keys } from './keys.js';
import type { ProgramOrders } from './program-orders.js';
import type { Wishes } from './wishes.js';

interface Parts {
  readonly cluster: Cluster;
  readonly state: () => NetrackState;
  readonly register: () => Register;
  readonly step: (event: ClusterEvent) => void;
  readonly serve: (
    service: string,
    board: number,
    cause: string,
  ) => Promise<NetrackMethods['serve']['result'] | ReturnType<typeof fail>>;
  readonly force: (who: string) => Promise<NetrackMethods['force']['result'] | ReturnType<typeof fail>>;
  readonly wishes: Wishes;
  readonly programOrders: ProgramOrders;
  readonly configuration: Configuration;
  readonly keys: Keys;
  readonly metrics: () => string;
}

export interface Served extends NetrackMethods {
  metrics: { params: Record<string, never>; result: string };
}

/** netrackd's methods; what comes in is checked here, once. */
export function methods({
  cluster,
  state,
  register,
  step,
  serve,
  force,
  wishes,
  programOrders,
  configuration,
  keys,
  metrics,
}: Parts): MethodTable<Served> {
  return {
    ...configurationMethods(configuration, wishes),
    ...keyMethods(keys),
    status: { decode: noParams, handle: () => state() },
    register: { decode: noParams, handle: () => register() },
    metrics: { decode: noParams, handle: () => metrics() },
    path: {
      decode: paramsBy(pathParams),
      handle: ({ board: name }) => {
        const board = boardByName(cluster, name);
        if (!board) return fail('UNKNOWN_BOARD', `no board "${name}" in the cluster file`);
        const seen = state().boards.find((one) => one.board === board.id);
        const network = seen?.verdict === 'self' ? 'A' : seen?.path;
        if (!network) return fail('NO_PATH', `${name} is ${seen?.verdict ?? 'unknown'}: no network leads to it`);
        return { board: board.id, network, address: board.addresses[network] };
      },
    },
    serve: {
      decode: paramsBy(serveParams),
      mutation: true,
      handle: ({ service, board, cause }) => serve(service, board, cause),
    },
    wish: {
      decode: paramsBy(wishParams),
      mutation: true,
      handle: async ({ board: name, ...rest }, caller) => {
        const board = name === undefined ? undefined : boardByName(cluster, name);
        if (name !== undefined && !board) return fail('UNKNOWN_BOARD', `no board "${name}" in the cluster file`);
        const who = `${caller.name ?? 'somebody'} (uid ${caller.uid}, pid ${caller.pid})`;
        return wishes.utter({ ...rest, ...(board ? { board: board.id } : {}), who });
      },
    },
    wishProgram: {
      decode: paramsBy(wishProgramParams),
      mutation: true,
      handle: ({ board: name, program, order }, caller) => {
        // As psrmd's own socket has it: who may not order there may not by way of another board.
        const may = ownersMayChange()(caller, { kind: 'call', method: 'wishProgram', mutation: true });
        if (!may.ok) return may;
        const board = boardByName(cluster, name);
        if (!board) return fail('UNKNOWN_BOARD', `no board "${name}" in the cluster file`);
        if (!cluster.programs.some((one) => one.name === program && one.boards.includes(board.id)))
          return fail('UNKNOWN_PROGRAM', `${name} has no program "${program}" in the cluster file`);
        const { boards, board: self } = state();
        const verdict = boards.find((one) => one.board === board.id)?.verdict ?? 'unknown';
        if (verdict !== 'up' && verdict !== 'self') return fail('NO_PATH', `${name} is ${verdict}: nobody can do it`);
        const here = cluster.boards.find(({ id }) => id === self)?.name ?? String(self);
        return wishes.order(board.id, { program, order, who: `${caller.name ?? 'somebody'} on ${here}` });
      },
    },
    force: {
      decode: paramsBy(forceParams),
      mutation: true,
      handle: ({ cluster: name }, caller) => {
        if (name !== cluster.name)
          return fail('WRONG_CLUSTER', `this is cluster "${cluster.name}": say so, if that is the one you mean`);
        return force(`${caller.name ?? 'somebody'} (uid ${caller.uid}, pid ${caller.pid})`);
      },
    },
    fenced: {
      decode: paramsBy(fencedParams),
      mutation: true,
      handle: ({ board }) => {
        step({ kind: 'fenced', board });
        return {};
      },
    },
    amend: {
      decode: paramsBy(amendParams),
      mutation: true,
      handle: ({ change }) => {
        step({ kind: 'amend', change });
        return {};
      },
    },
    wished: {
      decode: paramsBy(wishedParams),
      handle: ({ id, ok, message }) => {
        wishes.answer(id, ok, message);
        return {};
      },
    },
    orderProgram: {
      decode: paramsBy(orderProgramParams),
      mutation: true,
      handle: ({ board: name, ...wanted }) => {
        const board = boardByName(cluster, name);
        if (!board) return fail('UNKNOWN_BOARD', `no board "${name}" in the cluster file`);
        return programOrders.order(board.id, wanted);
      },
    },
    programDone: {
      decode: paramsBy(wishedParams),
      handle: ({ id, ok, message }) => {
        programOrders.answer(id, ok, message);
        return {};
      },
    },
    programs: {
      decode: paramsBy(programsParams),
      handle: ({ programs }) => {
        step({ kind: 'programs', programs });
        return {};
      },
    },
    alarm: {
      decode: paramsBy(alarmParams),
      handle: ({ alarm }) => {
        step({ kind: 'alarm', alarm });
        return {};
      },
    },
    outcome: {
      decode: paramsBy(outcomeParams),
      handle: ({ outcome }) => {
        step({ kind: 'agent-outcome', outcome });
        return {};
      },
    },
    confirmTerm: {
      decode: paramsBy(confirmTermParams),
      handle: ({ term }) => {
        step({ kind: 'agent-term', term });
        return {};
      },
    },
  };
}
