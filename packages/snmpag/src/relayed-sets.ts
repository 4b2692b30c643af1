import { ERROR, errorName } from './core/agentx/errors.js';
import type { Value, Varbind } from './core/agentx/value.js';
import { formatOid } from './core/oid.js';
import type { Request } from './core/session/types.js';
import type { Relays } from './relays.js';

export interface RelayedSetParts {
  readonly relays: Pick<Relays, 'has' | 'set'>;
  readonly answer: (to: Request, error: number, index: number) => void;
  readonly note: (what: string, id: string, fields: Readonly<Record<string, unknown>>) => void;
}

type TestSet = Extract<Request, { kind: 'test-set' }>;

/** SETs that were done and wait for snmpd's commit; more than it has under way at a time. */
const DONE_MAX = 256;

/**
 * SETs in an agent's context. The agent itself tests and does them as a whole, at snmpd's test: the commit that follows
 * has nothing left to do. An undo cannot be kept (nobody knows what stood there before), and says so.
 */
export class RelayedSets {
  readonly #parts: RelayedSetParts;
  readonly #done = new Set<string>();

  constructor(parts: RelayedSetParts) {
    this.#parts = parts;
  }

  /** True where the request was its business. */
  serve(id: string, request: Exclude<Request, { ranges: unknown }>): boolean {
    const { relays, answer } = this.#parts;
    if (request.kind === 'test-set') {
      this.#done.delete(id);
      if (!relays.has(request.context ?? '')) return false;
      void this.#test(id, request);
      return true;
    }
    if (!this.#done.has(id)) return false;
    if (request.kind === 'commit-set') answer(request, ERROR.noError, 0);
    else this.#done.delete(id);
    if (request.kind === 'undo-set') {
      this.#parts.note('set-not-undone', id, { why: 'what the agent did is not undone from here' });
      answer(request, ERROR.undoFailed, 0);
    }
    return true;
  }

  async #test(id: string, request: TestSet): Promise<void> {
    const { relays, answer, note } = this.#parts;
    const { context = '', varbinds } = request;
    const asked = varbinds.map(shown);
    note('set-asked', id, { context, varbinds: asked });
    const { error, index, why } = await relays.set(context, varbinds);
    if (error !== ERROR.noError) {
      note('set-failed', id, { context, error: errorName(error), index, why });
      answer(request, error, index);
      return;
    }
    note('set-done', id, { context, varbinds: asked });
    this.#done.add(id);
    const [oldest] = this.#done;
    if (this.#done.size > DONE_MAX && oldest !== undefined) this.#done.delete(oldest);
    answer(request, error, index);
  }

  forget(): void {
    this.#done.clear();
  }
}

/** For the journal: what was SET, but not texts, for a text may be a secret. */
function shown({ name, value }: Varbind): string {
  return `${formatOid(name)} = ${word(value)}`;
}

function word(value: Value): string {
  switch (value.type) {
    case 'integer':
    case 'counter32':
    case 'gauge32':
    case 'time-ticks':
    case 'counter64':
      return String(value.value);
    case 'oid':
      return formatOid(value.value);
    case 'octets':
    case 'opaque':
    case 'ip-address':
      return `${value.value.length} octets`;
    default:
      return value.type;
  }
}
