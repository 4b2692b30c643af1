import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { gather } from '../status/gather.js';
import { targetsOf } from '../targets.js';
import { chainOf, movedTo } from './chain.js';
import { type Options, withPsrm } from './command.js';

/** `softset psrm why PROGRAM`: its history, the chain in one line, and what became of its service. */
export async function psrmWhyCommand(program: string, options: Options): Promise<number> {
  return withPsrm(options, async (client) => {
    const answer = await client.call('why', { program });
    if (!answer.ok) return refuse(answer);
    const { status, history } = answer.value;
    const moved = status.service === undefined ? undefined : await fate(status.service, options);
    const chain = chainOf(history, moved);
    if (options.json === true) {
      print(
        JSON.stringify({ status, history, ...(moved === undefined ? {} : { service: moved }), chain }, undefined, 2),
      );
      return exitCodes.done;
    }
    for (const { atMs, state, text, who } of history) {
      const by = who === undefined ? '' : ` by ${who}`;
      print(`${new Date(atMs).toISOString()}  ${state.padEnd(14)}  ${text}${by}`);
    }
    if (history.length > 0) print('');
    print(`${program} is ${status.state}${chain === '' ? '' : `: ${chain}`}`);
    return exitCodes.done;
  });
}

/** Undefined where no netrackd answers: psrmd knows nothing of other boards. */
async function fate(service: string, options: Options): Promise<string | undefined> {
  // Of a lab all boards: the director knows the moves.
  const { board: _, ...all } = options;
  const targets = await targetsOf(options.lab === undefined ? options : all);
  if (!targets.ok) return undefined;
  const best = await gather(targets.value);
  if (!best.ok) return undefined;
  const { services, boards } = best.value.state;
  const nameOf = (id: number): string => boards.find((one) => one.board === id)?.name ?? String(id);
  return movedTo(
    services.find((one) => one.service === service),
    best.value.moves,
    nameOf,
  );
}
