import { type Failure, fail, ok, type Result } from '@softset/base';
import type { Cluster, Move, Plan, RedirectMethods, RedirectTopics } from '@softset/protocol';
import type { NoParams } from '@softset/protocol/control.js';
import { type MethodTable, metricsMethod, noParams, type TopicTable } from '@softset/runtime/control-methods.js';
import type { Metrics } from '@softset/runtime/metrics.js';
import { Topic } from '@softset/runtime/topic.js';
import type { NetrackPort } from './adapters/netrack-port.js';
import type { SwitchPorts } from './adapters/switch-ports.js';
import type { AgentShell } from './agent-shell.js';
import { explain } from './core/placement.js';
import type { DirectorShell } from './director-shell.js';
import { boardOf, changeOf, serviceOf, targetOf } from './wanted.js';
import { decodeChange, decodeMove, decodeWish, named } from './wish-params.js';

export interface ControlParts {
  readonly cluster: Cluster;
  readonly agent: AgentShell;
  readonly director: DirectorShell;
  readonly netrack: Pick<NetrackPort, 'wishMove' | 'wishChange'>;
  readonly switchPorts: SwitchPorts;
  readonly metrics: Metrics;
}

type Served = RedirectMethods & { metrics: { params: NoParams; result: string } };

/**
 * The methods of redirectd's control socket. Errors of `move`, `change` and `plan`: `UNKNOWN_SERVICE`, `UNKNOWN_BOARD`,
 * `NO_OTHER_BOARD`, `NOT_CONNECTED`, and netrackd's; of `switchPorts` those of `redirect-fence`.
 */
export function methods({
  cluster,
  agent,
  director,
  netrack,
  switchPorts,
  metrics,
}: ControlParts): MethodTable<Served> {
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
    change: {
      mutation: true,
      decode: decodeChange,
      handle: async (wish) => {
        const wanted = changeOf(cluster, wish);
        return wanted.ok ? answerOf(await netrack.wishChange(wanted.value)) : wanted;
      },
    },
    plan: {
      decode: decodeWish,
      handle: (wish) => answerOf(plan(cluster, director, wish)),
    },
    switchPorts: {
      mutation: true,
      decode: (params) => {
        const read = named<{ board: string; wanted: string }>(params, ['board', 'wanted']);
        const wanted = read.ok ? WISHES.find((one) => one === read.value.wanted) : undefined;
        if (read.ok && wanted !== undefined) return ok({ board: read.value.board, wanted });
        return read.ok ? fail('RPC_INVALID_PARAMS', `"wanted" is one of ${WISHES.join(', ')}`) : read;
      },
      handle: async ({ board: name, wanted }) => {
        const board = boardOf(cluster, name);
        if (!board.ok) return board;
        const done = await switchPorts.set(board.value, wanted);
        return done.ok ? { ports: done.value } : done;
      },
    },
    explain: {
      decode: (params) => named<{ service: string }>(params, ['service']),
      handle: ({ service }) => answerOf(explained(cluster, director, service)),
    },
  };
}

/** To cut a board off is the director's alone. */
const WISHES = ['as-they-are', 'up'] as const;

function answerOf<T>(answer: Result<T>): T | Failure {
  return answer.ok ? answer.value : answer;
}

function plan(cluster: Cluster, director: DirectorShell, wish: RedirectMethods['plan']['params']): Result<Plan> {
  if (wish.kind === 'move') {
    const target = targetOf(cluster, director, wish.service, wish.board);
    const board = target.ok ? boardOf(cluster, target.value) : target;
    if (!board.ok) return board;
    const why = director.denied(wish.service, board.value.id);
    if (why !== undefined) return fail('BOARD_UNFIT', `${board.value.name} cannot take ${wish.service}: ${why}`);
    const asked = { id: 'plan', service: wish.service, board: board.value.id, who: 'the operator' };
    return found(director.planFor({ wish: asked }));
  }
  const wanted = changeOf(cluster, wish);
  return wanted.ok ? found(director.planFor({ change: wanted.value })) : wanted;
}

function found<T>(value: T | undefined): Result<T> {
  return value === undefined ? fail('NOT_CONNECTED', 'netrackd has not told its state yet') : ok(value);
}

function explained(
  cluster: Cluster,
  director: DirectorShell,
  name: string,
): Result<RedirectMethods['explain']['result']> {
  const service = serviceOf(cluster, name);
  if (!service.ok) return service;
  const seen = director.seen;
  const now = seen?.services.find((entry) => entry.service === name);
  if (seen === undefined || now === undefined) return fail('NOT_CONNECTED', 'netrackd has not told its state yet');
  const { board, reasons } = explain(cluster, seen, director.state.history, service.value, now);
  return ok({
    service: name,
    phase: now.phase,
    ...(now.holder === undefined ? {} : { holder: now.holder.board }),
    ...(now.pin === undefined ? {} : { pin: now.pin }),
    cause: now.cause,
    rests: director.resting.includes(name),
    ...(board === undefined ? {} : { next: board }),
    reasons,
  });
}

/** Each move as it is begun; no whole, for `status` has the last ones. */
export function topics(): TopicTable<RedirectTopics> {
  return { moves: new Topic<Move | null, Move>({ snapshot: () => null }) };
}
