import type { Alarm, AlarmCause, Board } from '@softset/protocol';
import type { BoardAlarm } from './escalation.js';
import type { Supervisor } from './supervisor.js';

const boardCauses: readonly BoardAlarm['cause'][] = ['BOARD_GIVEN_UP', 'BOARD_REBOOTS', 'BOARD_BEYOND_REBOOT'];
const GIVEN_UP: AlarmCause = 'PROGRAM_GIVEN_UP';
const textMax = 200;

/**
 * The conditions that psrmd knows of (X.733), those that do not stand `cleared`: one for each program that was given up,
 * and one for the board on the upper rungs. What was raised stands until it is over, not once for each death.
 */
export function alarmsOf(supervisor: Supervisor, { name, id }: Board): readonly Alarm[] {
  const { alarm: board } = supervisor;
  const raised = { raisedAtMs: Date.now(), raisedBy: id };
  const programs = supervisor.status().map(({ program, state, lastEnd, trouble }): Alarm => {
    const severity = state === 'failed' ? 'major' : 'cleared';
    const text = `${program} on ${name} was given up: ${trouble ?? lastEnd ?? 'ended'}`.slice(0, textMax);
    return { object: `program/${program}@${name}`, cause: GIVEN_UP, severity, text, ...raised };
  });
  const boards = boardCauses.map((cause): Alarm => {
    const stands = board?.cause === cause;
    const text = (stands ? board.text : 'over').slice(0, textMax);
    return { object: `board/${name}`, cause, severity: stands ? 'critical' : 'cleared', text, ...raised };
  });
  return [...programs, ...boards];
}
