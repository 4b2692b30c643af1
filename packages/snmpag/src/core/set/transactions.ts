import { ERROR } from '../agentx/errors.js';
import type { Varbind } from '../agentx/value.js';
import type { MibView, Written } from '../mib/view.js';

/**
 * SET as a transaction (RFC 2741 §7.2.4): everything is tested before anything is done, and undone as a whole when one
 * part of it cannot be. Each is known by the master's session and transaction number.
 *
 *              test, all good           commit                 all done               cleanup
 *     (none) ───────────────► tested ───────────► committing ───────────► committed ───────────► (none)
 *        ▲  test, one bad        │ cleanup, undo      │ one failed           │ undo
 *        └───────────────────────┴───── undone ◄── undoing ◄────────────────┘
 *
 * An object that one transaction has tested is not for another until the first is over (resourceUnavailable): the
 * second one's test would be about a state that the first is about to change. A tested transaction that nobody commits
 * is forgotten after `TESTED_MS`. Numbers come back: a test under a number that was committed begins anew.
 */
export interface Transaction {
  readonly phase: 'tested' | 'committing' | 'committed' | 'undoing';
  readonly changes: readonly Tested[];
  /** How many of them were done, from the first. */
  readonly done: number;
  readonly testedMs: number;
}

export interface Tested {
  readonly key: string;
  readonly change: unknown;
  /** Of its varbind, from 1. */
  readonly index: number;
  readonly check?: Check;
  readonly last?: true;
}

type Check = Extract<Written, { ok: true }>['check'];

/** By `SESSION.TRANSACTION`. */
export type Transactions = ReadonlyMap<string, Transaction>;

export const TESTED_MS = 60_000;
export const TRANSACTIONS_MAX = 64;

/** `index` counts from 1 and names the varbind that is refused; 0 for the whole. */
export interface Verdict {
  readonly transactions: Transactions;
  readonly error: number;
  readonly index: number;
  /** For the journal. */
  readonly why: string;
}

const GOOD = { error: ERROR.noError, index: 0, why: '' };

/** TestSet. A master may send several under one number, one for each region: they add up. */
export function test(
  before: Transactions,
  id: string,
  varbinds: readonly Varbind[],
  view: MibView,
  nowMs: number,
): Verdict {
  const transactions = withoutStale(before, nowMs);
  const known = transactions.get(id);
  const refuse = (error: number, index: number, why: string): Verdict => {
    const rest = new Map(transactions);
    // What was tested under this number before cannot be committed either.
    if (known?.phase === 'tested') rest.delete(id);
    return { transactions: rest, error, index, why };
  };
  if (known?.phase === 'committing' || known?.phase === 'undoing') {
    return refuse(ERROR.resourceUnavailable, 0, 'a SET of the same number is under way');
  }
  if (known === undefined && transactions.size >= TRANSACTIONS_MAX) {
    return refuse(ERROR.resourceUnavailable, 0, `${TRANSACTIONS_MAX} SETs are under way`);
  }
  const changes: Tested[] = known?.phase === 'tested' ? [...known.changes] : [];
  const taken = new Set([...transactions].flatMap(([other, { changes }]) => (other === id ? [] : changes.map(keyOf))));
  for (const [i, { name, value }] of varbinds.entries()) {
    const leaf = view.leafOf(name);
    const at = leaf?.rows.find(name, leaf.oid.length) ?? -1;
    if (leaf?.write === undefined) return refuse(ERROR.notWritable, i + 1, 'nothing here can be written');
    if (at < 0) return refuse(ERROR.noCreation, i + 1, 'rows are made by the cluster file alone');
    const written = leaf.write(leaf.rows.row(at), value);
    if (!written.ok) return refuse(written.error, i + 1, written.why);
    if (taken.has(written.key))
      return refuse(ERROR.resourceUnavailable, i + 1, `${written.key} is being SET by another`);
    // Twice in one SET, in no order that SNMP knows (RFC 3416 §4.2.5: "as if simultaneously").
    if (changes.some(({ key }) => key === written.key)) {
      return refuse(ERROR.inconsistentValue, i + 1, `${written.key} is SET twice at once`);
    }
    const { key, change, check, last } = written;
    changes.push({ key, change, index: i + 1, ...(check ? { check } : {}), ...(last ? { last } : {}) });
  }
  const whole = changes.map(({ change }) => change);
  for (const { check, index } of changes) {
    const refused = check?.(whole);
    if (refused !== undefined) return refuse(refused.error, index, refused.why);
  }
  changes.sort((a, b) => Number(a.last ?? false) - Number(b.last ?? false));
  const next = new Map(transactions).set(id, { phase: 'tested', changes, done: 0, testedMs: nowMs });
  return { transactions: next, ...GOOD };
}

const keyOf = ({ key }: Tested): string => key;

/** What is to be done now; undefined where nothing was tested under this number (RFC 2741 §7.2.4.2: commitFailed). */
export function beginCommit(
  transactions: Transactions,
  id: string,
): { readonly transactions: Transactions; readonly changes: readonly Tested[] } | undefined {
  const known = transactions.get(id);
  if (known?.phase !== 'tested') return undefined;
  return { transactions: put(transactions, id, { ...known, phase: 'committing' }), changes: known.changes };
}

/** `done` of the changes were done. Where not all were, those are to be undone, the last first. */
export function endCommit(
  transactions: Transactions,
  id: string,
  done: number,
): { readonly transactions: Transactions; readonly undo: readonly Tested[] } {
  const known = transactions.get(id);
  if (known?.phase !== 'committing') return { transactions, undo: [] };
  if (done >= known.changes.length) {
    return { transactions: put(transactions, id, { ...known, done, phase: 'committed' }), undo: [] };
  }
  const undo = known.changes.slice(0, done).reverse();
  if (undo.length === 0) return { transactions: forget(transactions, id), undo };
  return { transactions: put(transactions, id, { ...known, done, phase: 'undoing' }), undo };
}

/** UndoSet. Nothing is to be undone of what was not done, or is undone already: that is no error. */
export function beginUndo(
  transactions: Transactions,
  id: string,
): { readonly transactions: Transactions; readonly undo: readonly Tested[] } {
  const known = transactions.get(id);
  if (known?.phase === 'tested') return { transactions: forget(transactions, id), undo: [] };
  if (known?.phase !== 'committed') return { transactions, undo: [] };
  const undo = known.changes.slice(0, known.done).reverse();
  return { transactions: put(transactions, id, { ...known, phase: 'undoing' }), undo };
}

/** Undone, or as much of it as could be. */
export function endUndo(transactions: Transactions, id: string): Transactions {
  return transactions.get(id)?.phase === 'undoing' ? forget(transactions, id) : transactions;
}

/** CleanupSet, which is not answered. What is still under way ends by itself. */
export function cleanUp(transactions: Transactions, id: string): Transactions {
  const phase = transactions.get(id)?.phase;
  return phase === 'tested' || phase === 'committed' ? forget(transactions, id) : transactions;
}

/** The session is gone: what was only tested is nobody's, and what was done stays done. */
export function dropSession(transactions: Transactions): Transactions {
  return new Map([...transactions].filter(([, { phase }]) => phase === 'committing' || phase === 'undoing'));
}

function withoutStale(transactions: Transactions, nowMs: number): Transactions {
  const waits = ({ phase, testedMs }: Transaction): boolean =>
    (phase !== 'tested' && phase !== 'committed') || nowMs - testedMs < TESTED_MS;
  return new Map([...transactions].filter(([, transaction]) => waits(transaction)));
}

function put(transactions: Transactions, id: string, transaction: Transaction): Transactions {
  return new Map(transactions).set(id, transaction);
}

function forget(transactions: Transactions, id: string): Transactions {
  const rest = new Map(transactions);
  rest.delete(id);
  return rest;
}
