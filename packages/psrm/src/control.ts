import { type Failure, fail, ok, type Result } from '@softset/base';
import type { PsrmMethods } from '@softset/protocol';
import { type MethodTable, noParams } from '@softset/runtime/control-methods.js';
import type { Keeper } from './keeper.js';
import type { Supervisor } from './supervisor.js';

type Named = PsrmMethods['start']['params'];

function programParams(params: unknown): Result<Named> {
  const program = typeof params === 'object' && params !== null && 'program' in params ? params.program : undefined;
  if (typeof program === 'string') return ok({ program });
  return fail('RPC_INVALID_PARAMS', 'program: must be the name of a program of this board');
}

/**
 * The methods of psrmd's control socket. Codes beside those of every daemon: `UNKNOWN_PROGRAM`, `NOT_STOPPED`, and
 * `PASSIVE` for orders to a psrmd that crashed twice within a minute and only watches.
 */
export function controlMethods(supervisor: Supervisor, passive: boolean): MethodTable<PsrmMethods> {
  const order = (perform: (keeper: Keeper) => void | Promise<Result<void>>) => ({
    decode: programParams,
    mutation: true,
    handle: async ({ program }: Named): Promise<Record<string, never> | Failure> => {
      if (passive) return fail('PASSIVE', 'psrmd crashed twice within a minute; restart it to have it act again');
      const keeper = supervisor.keeper(program);
      if (!keeper.ok) return keeper;
      const done = await perform(keeper.value);
      return done === undefined || done.ok ? {} : done;
    },
  });
  return {
    status: { decode: noParams, handle: () => ({ programs: supervisor.status() }) },
    start: order((keeper) => keeper.start()),
    stop: order((keeper) => keeper.stop()),
    restart: order((keeper) => keeper.restart()),
  };
}
