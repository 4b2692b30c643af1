import { type Failure, fail, ok, type Result } from '@softset/base';
import type { ProgramVerb, PsrmMethods } from '@softset/protocol';
import {
  type Authorize,
  type Caller,
  type MethodTable,
  noParams,
  ownersMayChange,
} from '@softset/runtime/control-methods.js';
import type { Supervisor } from './supervisor.js';

type Named = PsrmMethods['start']['params'];
type Told = PsrmMethods['tell']['params'];
/** What ails a program is a line for people. */
const ailmentMax = 256;

function programParams(params: unknown): Result<Named> {
  const program = typeof params === 'object' && params !== null && 'program' in params ? params.program : undefined;
  if (typeof program === 'string') return ok({ program });
  return fail('RPC_INVALID_PARAMS', 'program: must be the name of a program of this board');
}

function tellParams(params: unknown): Result<Told> {
  const named = programParams(params);
  if (!named.ok) return named;
  const { ailment, ask } = params as { [key: string]: unknown };
  if (ailment !== undefined && (typeof ailment !== 'string' || ailment.length > ailmentMax))
    return fail('RPC_INVALID_PARAMS', `ailment: must be a text of ${ailmentMax} letters at most`);
  if (ask !== undefined && ask !== 'restart' && ask !== 'move')
    return fail('RPC_INVALID_PARAMS', 'ask: must be restart or move');
  if (ailment === undefined && ask === undefined)
    return fail('RPC_INVALID_PARAMS', 'tell what ails it (ailment) or what it asks for (ask)');
  const said = ailment === undefined ? {} : { ailment: ailment.replaceAll(/\p{C}/gu, ' ') };
  return ok({ ...named.value, ...said, ...(ask === undefined ? {} : { ask }) });
}

/** Everybody may call `tell`, for programs run as others; that it speaks of itself is checked where it is known. */
export function psrmMayChange(): Authorize {
  const owners = ownersMayChange();
  return (caller, act) => (act.kind === 'call' && act.method === 'tell' ? ok(undefined) : owners(caller, act));
}

/** An operator's order, and what came of it. Errors: `UNKNOWN_PROGRAM`, `NOT_STOPPED`. */
export async function performOrder(
  supervisor: Supervisor,
  order: ProgramVerb,
  program: string,
  who: string,
): Promise<Result<void>> {
  const keeper = supervisor.keeper(program);
  if (!keeper.ok) return keeper;
  if (order === 'stop') return supervisor.stop(keeper.value, who);
  keeper.value[order](who);
  return ok(undefined);
}

/**
 * The methods of psrmd's control socket. Codes beside those of every daemon: `UNKNOWN_PROGRAM`, `NOT_STOPPED`,
 * `NOT_YOURS` and `NOT_RUNNING` for what a program tells of itself, and `PASSIVE` for orders to a psrmd that crashed
 * twice within a minute and only watches.
 */
export function controlMethods(supervisor: Supervisor, passive: boolean): MethodTable<PsrmMethods> {
  const refusal = fail('PASSIVE', 'psrmd crashed twice within a minute; restart it to have it act again');
  const order = (what: ProgramVerb) => ({
    decode: programParams,
    mutation: true,
    handle: async ({ program }: Named, caller: Caller): Promise<Record<string, never> | Failure> => {
      if (passive) return refusal;
      const done = await performOrder(supervisor, what, program, whoIs(caller));
      return done.ok ? {} : done;
    },
  });
  return {
    status: { decode: noParams, handle: () => ({ programs: supervisor.status() }) },
    start: order('start'),
    stop: order('stop'),
    restart: order('restart'),
    clear: {
      decode: noParams,
      mutation: true,
      handle: (_, caller) => {
        if (passive) return refusal;
        supervisor.clear(whoIs(caller));
        return {};
      },
    },
    why: {
      decode: programParams,
      handle: ({ program }) => {
        const found = supervisor.why(program);
        return found.ok ? found.value : found;
      },
    },
    tell: {
      decode: tellParams,
      mutation: true,
      handle: ({ program, ...notice }, caller) => {
        if (passive) return refusal;
        const keeper = supervisor.keeper(program);
        if (!keeper.ok) return keeper;
        const may = ownersMayChange()(caller, { kind: 'call', method: 'tell', mutation: true }).ok;
        if (!may && !keeper.value.isOwn(caller.pid))
          return fail('NOT_YOURS', `process ${caller.pid} is none of ${program}'s`);
        return keeper.value.say(notice) ? {} : fail('NOT_RUNNING', `${program} does not run`);
      },
    },
  };
}

/** Its name is a claim; pid and user the kernel vouches for. */
function whoIs({ name, pid, uid }: Caller): string {
  return `${name ?? 'somebody'} (pid ${pid}, user ${uid})`;
}
