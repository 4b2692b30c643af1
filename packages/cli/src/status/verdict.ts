import type { NetrackState, ServiceState } from '@softset/protocol';
import { alarmWords, duration, faultWords } from './words.js';

export interface Problem {
  /** Higher is told first: what nobody can reach, then what can no longer be decided, then what is merely broken. */
  readonly weight: number;
  readonly text: string;
}

const phaseWords: Readonly<Record<ServiceState['phase'], string>> = {
  held: 'is held',
  moving: 'is moving',
  silent: 'has a holder that nobody vouches for; it moves when that lease has run out',
  free: 'is held by nobody',
  unknown: 'has no known holder',
};

/** What is wrong, the worst first; nothing: all is well. `wallMs` is ms since 1970. */
export function problemsOf(state: NetrackState, wallMs: number): Problem[] {
  const problems: Problem[] = [];
  const name = (id: number): string => state.boards.find((board) => board.board === id)?.name ?? `board ${id}`;
  if (state.director === 0) problems.push({ weight: 90, text: 'no board directs: nothing can be moved' });
  for (const service of state.services) {
    if (service.phase === 'held') continue;
    const because = service.cause === '' ? '' : ` (${service.cause})`;
    problems.push({
      weight: service.phase === 'moving' ? 60 : 100,
      text: `service ${service.service} ${phaseWords[service.phase]}${because}`,
    });
  }
  for (const fault of state.faults) {
    const since = duration(state.nowMs - fault.sinceMs);
    const weight =
      fault.kind === 'no-quorum'
        ? 95
        : fault.kind.startsWith('network')
          ? 50
          : fault.kind.startsWith('board')
            ? 45
            : 40;
    problems.push({ weight, text: `${faultWords(fault)}, since ${since}: ${fault.evidence}` });
  }
  if (!state.pulse)
    problems.push({ weight: 80, text: `the pulse of ${name(state.board)} does not answer its netrackd` });
  for (const board of state.boards) {
    if (board.amnesiac)
      problems.push({
        weight: 30,
        text: `${board.name} lost its memory of votes and abstains until others have answered it`,
      });
    for (const program of board.programs) {
      if (program.state === 'failed')
        problems.push({ weight: 42, text: `program ${program.program} was given up on ${board.name}` });
      if (program.state === 'not-responding')
        problems.push({ weight: 42, text: `program ${program.program} does not answer on ${board.name}` });
    }
  }
  for (const alarm of state.alarms) {
    const text = `${alarmWords(alarm)}, since ${duration(wallMs - alarm.raisedAtMs)}`;
    problems.push({ weight: alarm.severity === 'critical' || alarm.severity === 'major' ? 20 : 10, text });
  }
  return problems.sort((a, b) => b.weight - a.weight);
}
