import { type Failure, fail, ok, type Result } from '@softset/base';
import {
  boardById,
  boardByName,
  type Cluster,
  type Move,
  type RedirectMethods,
  type RedirectTopics,
} from '@softset/protocol';
import type { NoParams } from '@softset/protocol/control.js';
import { type MethodTable, metricsMethod, noParams, type TopicTable } from '@softset/runtime/control-methods.js';
import type { Metrics } from '@softset/runtime/metrics.js';
import { Topic } from '@softset/runtime/topic.js';
import type { NetrackPort } from './adapters/netrack-port.js';
import type { AgentShell } from './agent-shell.js';
import { choose } from './core/placement.js';
import type { DirectorShell } from './director-shell.js';

export interface ControlParts {
  readonly cluster: Cluster;
  readonly agent: AgentShell;
  readonly director: DirectorShell;
  readonly netrack: Pick<NetrackPort, 'wishMove'>;
  readonly metrics: Metrics;
}

type Served = RedirectMethods & { metrics: { params: NoParams; result: string } };

/** The methods of redirectd's control socket. Errors of `move`: `UNKNOWN_SERVICE`, `UNKNOWN_BOARD`, `NO_OTHER_BOARD`, `NOT_CONNECTED`, and netrackd's. */
export function methods({ cluster, agent, director, netrack, metrics }: ControlParts): MethodTable<Served> {
  return {
    metrics: metricsMethod(metrics),
    status: {
      decode: noParams,
      handle: () => ({
        deciding: director.deciding,
        moves: director.moves,
        resting: director.resting,
        held: Object.entries(agent.state.services).flatMap(([service, { phase, programs }]) => {
          if (phase.kind !== 'held') return [];
          const started = Object.values(programs).every((work) => work.want === 'start' && work.state === 'done');
          return [{ service, network: phase.network, programs: started }];
        }),
      }),
    },
    move: {
      mutation: true,
      decode: decodeMove,
      handle: async ({ service, board }) => {
        const target = targetOf(cluster, director, service, board);
        return target.ok ? answerOf(await netrack.wishMove(service, target.value)) : target;
      },
    },
  };
}

function answerOf(answer: Result<{ message: string }>): { message: string } | Failure {
  return answer.ok ? answer.value : answer;
}

/** The board that was named, or the best other one by this board's own view. */
function targetOf(cluster: Cluster, director: DirectorShell, name: string, board?: string): Result<string> {
  const service = cluster.services.find((entry) => entry.name === name);
  if (service === undefined) {
    return fail(
      'UNKNOWN_SERVICE',
      `no service "${name}"; known: ${cluster.services.map((entry) => entry.name).join(', ')}`,
    );
  }
  if (board !== undefined) {
    if (boardByName(cluster, board) !== undefined) return ok(board);
    return fail('UNKNOWN_BOARD', `no board "${board}"; known: ${cluster.boards.map((entry) => entry.name).join(', ')}`);
  }
  const seen = director.seen;
  const now = seen?.services.find((entry) => entry.service === name);
  if (seen === undefined || now === undefined) return fail('NOT_CONNECTED', 'netrackd has not told its state yet');
  const best = choose(cluster, seen, director.state.history, service, now);
  const found = best.board === undefined ? undefined : boardById(cluster, best.board);
  if (found !== undefined) return ok(found.name);
  const why = best.reasons.map((reason) => `${boardById(cluster, reason.board)?.name}: ${reason.why}`).join('; ');
  return fail('NO_OTHER_BOARD', `no other board can take ${name} (${why})`);
}

function decodeMove(params: unknown): Result<RedirectMethods['move']['params']> {
  const { service, board, ...rest } = (params ?? {}) as Record<string, unknown>;
  const extra = Object.keys(rest)[0];
  if (extra !== undefined) return fail('RPC_INVALID_PARAMS', `${extra}: unknown field; service and board are known`);
  if (typeof service !== 'string') return fail('RPC_INVALID_PARAMS', 'service: the name of a service is required');
  if (board === undefined) return ok({ service });
  return typeof board === 'string' ? ok({ service, board }) : fail('RPC_INVALID_PARAMS', 'board: must be a name');
}

/** Each move as it is begun; no whole, for `status` has the last ones. */
export function topics(): TopicTable<RedirectTopics> {
  return { moves: new Topic<Move | null, Move>({ snapshot: () => null }) };
}
