import type { AgentMessage } from '@softset/protocol';
import { Topic } from '@softset/runtime/topic.js';

/**
 * The line to the local redirectd. Whether somebody listens matters (T3): a vote waits for the agent's confirmation
 * only where there is an agent. Nothing is kept for one that comes back: it is told the term first, and an old order
 * must not reach it behind that.
 */
export class AgentTopic extends Topic<AgentMessage | null, AgentMessage> {
  readonly #onChange: (listening: boolean) => void;
  #listeners = 0;

  constructor(onChange: (listening: boolean) => void) {
    super({ snapshot: () => null, history: 1 });
    this.#onChange = onChange;
  }

  override listen(listener: Parameters<Topic<AgentMessage | null, AgentMessage>['listen']>[0]): () => void {
    const stop = super.listen(listener);
    if (++this.#listeners === 1) this.#onChange(true);
    let stopped = false;
    return () => {
      stop();
      if (stopped) return;
      stopped = true;
      if (--this.#listeners === 0) this.#onChange(false);
    };
  }

  override replay(): ReturnType<Topic<AgentMessage | null, AgentMessage>['replay']> {
    return super.replay();
  }
}
