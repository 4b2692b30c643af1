import { paintFor } from '../colour.js';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { type TargetOptions, targetsOf } from '../targets.js';
import { gather } from './gather.js';
import { renderStatus } from './render.js';
import { problemsOf } from './verdict.js';

/** `softset status`: exit 0 whatever is wrong, since it could be told; 111 where nobody answers. */
export async function statusCommand(options: TargetOptions & { readonly json?: boolean }): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const gathered = await gather(targets.value);
  if (!gathered.ok) return refuse(gathered);
  const { state, moves, rules, silent } = gathered.value;
  const names = silent.map((target) => target.name);
  if (options.json === true) {
    const problems = problemsOf(state, Date.now()).map((problem) => problem.text);
    print(
      JSON.stringify(
        { well: problems.length === 0 && names.length === 0, problems, silent: names, moves, rules, state },
        undefined,
        2,
      ),
    );
  } else {
    const shown = { state, moves, silent: names, ...(rules === undefined ? {} : { rules }) };
    print(renderStatus(shown, Date.now(), paintFor(process.stdout)));
  }
  return exitCodes.done;
}
