import type { Result } from '@softset/base';
import type { Journal } from '@softset/runtime';
import { ERROR, errorName } from './core/agentx/errors.js';
import type { MibView } from './core/mib/view.js';
import type { Request } from './core/session/types.js';
import type { SetBy } from './core/set/set-by.js';
import * as transactions from './core/set/transactions.js';
import { type Change, inverse } from './core/softset/writers.js';
import { RelayedSets } from './relayed-sets.js';
import type { Relays } from './relays.js';

export interface SetterParts {
  readonly view: (context: string) => MibView | undefined;
  readonly perform: (change: Change) => Promise<Result<string>>;
  readonly answer: (to: Request, error: number, index: number) => void;
  readonly relays: Pick<Relays, 'has' | 'set'>;
  readonly setBy: (context: string) => SetBy;
  readonly journal: Pick<Journal, 'append'>;
  readonly nowMs: () => number;
}

type SetRequest = Extract<Request, { kind: 'test-set' | 'commit-set' | 'undo-set' | 'cleanup-set' }>;

/** More than snmpd has under way at a time. */
const REMEMBERED_MAX = 512;

/**
 * Performs SETs as `core/set/transactions.ts` has them, and journals each, with who did it as far as the context tells
 * (`core/set/set-by.ts`), and with the session and transaction, which snmpd's own log has beside the user.
 */
export class Setter {
  readonly #parts: SetterParts;
  readonly #relayed: RelayedSets;
  #open: transactions.Transactions = new Map();
  /** Of the latest transactions: who began them. Only the test says in which context it is. */
  readonly #by = new Map<string, SetBy>();

  constructor(parts: SetterParts) {
    this.#parts = parts;
    const { relays, answer } = parts;
    this.#relayed = new RelayedSets({ relays, answer, note: (what, id, fields) => this.#note(what, id, fields) });
  }

  get underWay(): number {
    return this.#open.size;
  }

  /** The session ended: what was only tested is forgotten. */
  forget(): void {
    this.#open = transactions.dropSession(this.#open);
    this.#relayed.forget();
  }

  serve(request: SetRequest): void {
    const id = `${request.session}.${request.transaction}`;
    if (request.kind === 'test-set') this.#remember(id, request.context ?? '');
    if (this.#relayed.serve(id, request)) return;
    if (request.kind === 'test-set') this.#test(id, request);
    else if (request.kind === 'commit-set') void this.#commit(id, request);
    else if (request.kind === 'undo-set') void this.#undo(id, request);
    else this.#open = transactions.cleanUp(this.#open, id);
  }

  #remember(id: string, context: string): void {
    this.#by.delete(id);
    this.#by.set(id, this.#parts.setBy(context));
    const [oldest] = this.#by.keys();
    if (this.#by.size > REMEMBERED_MAX && oldest !== undefined) this.#by.delete(oldest);
  }

  #test(id: string, request: Extract<SetRequest, { kind: 'test-set' }>): void {
    const { view, answer, nowMs } = this.#parts;
    const { context = '', varbinds } = request;
    const found = view(context);
    if (found === undefined) {
      answer(request, ERROR.unsupportedContext, 0);
      return;
    }
    const verdict = transactions.test(this.#open, id, varbinds, found, nowMs());
    this.#open = verdict.transactions;
    const { error, index, why } = verdict;
    if (error !== ERROR.noError) this.#note('set-refused', id, { context, error: errorName(error), index, why });
    answer(request, error, index);
  }

  async #commit(id: string, request: SetRequest): Promise<void> {
    const begun = transactions.beginCommit(this.#open, id);
    if (begun === undefined) {
      this.#parts.answer(request, ERROR.commitFailed, 0);
      return;
    }
    this.#open = begun.transactions;
    let done = 0;
    for (const { change } of begun.changes) {
      this.#note('set-asked', id, { change });
      const result = await this.#parts.perform(change as Change);
      this.#note(result.ok ? 'set-done' : 'set-failed', id, { change, ...outcome(result) });
      if (!result.ok) break;
      done++;
    }
    const ended = transactions.endCommit(this.#open, id, done);
    this.#open = ended.transactions;
    const whole = done === begun.changes.length;
    const undone = await this.#undoAll(id, ended.undo);
    if (whole) this.#parts.answer(request, ERROR.noError, 0);
    else this.#parts.answer(request, undone ? ERROR.commitFailed : ERROR.undoFailed, begun.changes[done]?.index ?? 0);
  }

  async #undo(id: string, request: SetRequest): Promise<void> {
    const begun = transactions.beginUndo(this.#open, id);
    this.#open = begun.transactions;
    const undone = await this.#undoAll(id, begun.undo);
    this.#parts.answer(request, undone ? ERROR.noError : ERROR.undoFailed, 0);
  }

  /** The last first; goes on where one cannot be undone, for the others can. */
  async #undoAll(id: string, changes: readonly transactions.Tested[]): Promise<boolean> {
    let all = true;
    for (const { change } of changes) {
      const back = inverse(change as Change);
      if (back === undefined) continue;
      const result = await this.#parts.perform(back);
      this.#note(result.ok ? 'set-undone' : 'set-not-undone', id, { change: back, ...outcome(result) });
      all &&= result.ok;
    }
    this.#open = transactions.endUndo(this.#open, id);
    return all;
  }

  #note(what: string, id: string, fields: Readonly<Record<string, unknown>>): void {
    this.#parts.journal.append({ who: { ...this.#by.get(id), agentx: id }, what, fields });
  }
}

function outcome(result: Result<string>): Readonly<Record<string, unknown>> {
  return result.ok ? { message: result.value } : { code: result.code, message: result.message };
}
