import { agentStep } from './agent.js';
import { type AgentConfig, type AgentEvent, agentStart } from './agent-state.js';

/** Moves that are rehearsed: enough for the engine to have compiled what a move runs through. */
const REHEARSALS = 200;

/**
 * Rehearses takes and releases on a state that is thrown away, so that the first real order does not wait while the
 * engine compiles. Nothing is performed. Returns how many moves came to their end.
 */
export function warmUp(config: AgentConfig): number {
  const [about] = config.services;
  if (about === undefined) return 0;
  const { service } = about;
  let state = agentStart(config, 1);
  let done = 0;
  const play = (event: AgentEvent): void => {
    const result = agentStep(state, event, 0, config);
    state = result.state;
    done += result.effects.filter((effect) => effect.kind === 'outcome' && effect.outcome.result === 'released').length;
  };
  play({ kind: 'pulse-up' });
  play({ kind: 'report', report: { carrier: { A: true, B: true }, boards: [], held: [] } });
  for (let n = 1; n <= REHEARSALS; n++) {
    const grant = { term: 1, n };
    const stamp = { boot: '', incarnation: 0, sequence: 0 };
    const order = { service, grant, term: 1, director: 1, stamp, cause: '' };
    play({ kind: 'order', order: { kind: 'take', ...order } });
    play({ kind: 'asked', service, grant, answers: [] });
    play({ kind: 'answer', answer: { kind: 'created', id: state.requests, service, grant, untilMs: 0 } });
    play({ kind: 'order', order: { kind: 'release', ...order } });
    play({ kind: 'answer', answer: { kind: 'released', id: state.requests, service, grant } });
    for (const { program } of about.programs) {
      play({ kind: 'program', service, program, want: 'stop', ok: true, message: '' });
    }
    play({ kind: 'tick' });
  }
  return done;
}
