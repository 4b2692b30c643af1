import { ok, type Result } from '@softset/base';
import { fenceProgram } from './fence-program.js';

/** Two tries on each of two ways to the agent, three questions. */
const WORK_MS = 8000;

/** Sets a variable of an agent of the cluster file: `ifAdminStatus.12 is 2`. Errors: those of `redirect-fence`. */
export async function setVariable(
  clusterFile: string,
  agent: string,
  object: string,
  value: string,
): Promise<Result<{ message: string }>> {
  const words = ['--agent', agent, '--set', object, '--value', value];
  const done = await fenceProgram(clusterFile, words, WORK_MS);
  return done.ok ? ok({ message: `${object} is ${(done.value as { value: number | string }).value}` }) : done;
}
