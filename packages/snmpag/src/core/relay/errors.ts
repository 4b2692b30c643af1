import { ERROR } from '../agentx/errors.js';

/** SNMPv1's own errors (RFC 3416 §3), which no v2 agent should say, by what they mean to a v2 manager. */
const OLD: Readonly<Record<number, number>> = { 2: ERROR.noAccess, 3: ERROR.wrongValue, 4: ERROR.notWritable };

/** An agent's error-status as AgentX has it (RFC 2741 §7.2.3, §7.2.4.1): the numbers are the same from 5 on. */
export function agentxError(status: number): number {
  const known = Object.values<number>(ERROR).includes(status) && status !== ERROR.noError && status < ERROR.openFailed;
  return known ? status : (OLD[status] ?? ERROR.genErr);
}
