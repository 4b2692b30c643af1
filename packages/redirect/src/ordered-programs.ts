import { fail, type Result } from '@softset/base';
import type { Cluster, ProgramOrder } from '@softset/protocol';
import type { PsrmPort } from './adapters/psrm-port.js';

/** Beyond what the program may take to stop, psrmd has this long, ms. */
const MARGIN_MS = 3000;

export interface OrderedParts {
  readonly cluster: Cluster;
  readonly psrm: Pick<PsrmPort, 'call'>;
  /** Whether this board holds the service now. */
  readonly holds: (service: string) => boolean;
}

/**
 * A rule of the director has a program of this board started, stopped or restarted. One that runs on one board at a time
 * is begun only where its service is held: a rule must not make a second copy of it. Errors: `NOT_HERE`, and psrmd's.
 */
export async function obeyProgramOrder(
  { program: name, want }: ProgramOrder,
  { cluster, psrm, holds }: OrderedParts,
): Promise<Result<unknown>> {
  const program = cluster.programs.find((one) => one.name === name);
  const service = program?.exclusive === 'program' ? program.service : undefined;
  if (want !== 'stop' && service !== undefined && !holds(service))
    return fail('NOT_HERE', `${name} runs where ${service} is held, and that is not here`);
  return psrm.call(want, name, (program?.stop.timeoutMs ?? 0) + MARGIN_MS);
}
