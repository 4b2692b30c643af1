import type { JournalRecord } from './read-journal.js';

/** Names of the cluster file, where there is one: the journal has boards by number. */
export interface WhyNames {
  readonly boardOf: (id: unknown) => string;
  /** The service of a public address; undefined: none. */
  readonly serviceOf: (address: string) => string | undefined;
}

export interface Question {
  readonly kind: 'service' | 'board' | 'network' | 'rule';
  readonly name: string;
}

/** Answers that are shown; the newest. */
const ANSWERS_MAX = 10;

const KINDS: ReadonlySet<string> = new Set<Question['kind']>(['service', 'board', 'network', 'rule']);

/** `192.168.1.1`, `service media`, `media`, `board io-1`, `network B`, `rule "uplink errors"`: what is asked about. */
export function readQuestion(words: readonly string[], names: WhyNames): Question | undefined {
  const [first = '', second, ...more] = words;
  if (more.length > 0 || first === '') return undefined;
  if (KINDS.has(first) && second !== undefined) return { kind: first as Question['kind'], name: second };
  if (second !== undefined) return undefined;
  return { kind: 'service', name: names.serviceOf(first) ?? first };
}

/**
 * Why something is as it is: the moves of a service, what was decided about a board or by a rule, or which network was to
 * be preferred, newest first, each with its cause, what was thought of the other boards, and, where a rule did it, its facts, its file's revision and its steps.
 */
export function why(records: readonly JournalRecord[], question: Question, names: WhyNames): readonly string[] {
  const about = recordsAbout(records, question, names);
  const answers = about.slice(-ANSWERS_MAX).reverse();
  return answers.flatMap((record) => {
    if (record.what === 'move') return moveLines(record, records, names);
    return record.what === 'change' ? [changeLine(record, names)] : planLines(record, records);
  });
}

function recordsAbout(
  records: readonly JournalRecord[],
  { kind, name }: Question,
  names: WhyNames,
): readonly JournalRecord[] {
  switch (kind) {
    case 'service':
      return movesOf(records, name);
    case 'board':
      return aboutBoard(records, name, names);
    case 'network':
      return aboutNetwork(records, name);
    case 'rule':
      return records.filter(({ what, fields }) => what === 'rules-decided' && decisionOf(fields).rule === name);
  }
}

/** Who preferred it: an operator's changes, and the steps of rules, which are journaled as changes too where they were made. */
function aboutNetwork(records: readonly JournalRecord[], network: string): JournalRecord[] {
  return records.filter(({ what, who, fields }) => {
    if (what === 'rules-done') return fields.action === `prefer-network ${network}`;
    const ruled = typeof who === 'string' && who.startsWith('rule ');
    return what === 'change' && fields.kind === 'prefer' && fields.network === network && !ruled;
  });
}

const ABOUT_BOARDS = new Set(['admin', 'leave', 'return']);

/** What an operator or a rule wished of a board or a network, as it was asked for. */
function changeLine({ time, who, fields }: JournalRecord, names: WhyNames): string {
  const by = typeof who === 'string' ? who : JSON.stringify(who);
  if (fields.kind === 'prefer') return `${time}  network ${String(fields.network)} was to be preferred: ${by}`;
  const membership = fields.kind === 'leave' || fields.kind === 'return';
  const what = membership ? `to ${String(fields.kind)}` : `to be ${String(fields.admin)}`;
  return `${time}  ${names.boardOf(fields.board)} was ${what}: ${by}`;
}

function movesOf(records: readonly JournalRecord[], service: string): JournalRecord[] {
  return records.filter(({ what, fields }) => {
    if (what === 'move') return fields.service === service;
    // A plan that asked for a move which the director refused has no move, and is an answer all the same.
    return what === 'rules-done' && fields.ok === false && String(fields.action).startsWith(`move ${service} `);
  });
}

function aboutBoard(records: readonly JournalRecord[], board: string, names: WhyNames): JournalRecord[] {
  return records.filter(({ what, fields }) => {
    if (what === 'move') return names.boardOf(fields.from) === board || names.boardOf(fields.to) === board;
    if (what === 'change') return ABOUT_BOARDS.has(String(fields.kind)) && names.boardOf(fields.board) === board;
    if (what !== 'rules-decided') return false;
    const { bindings } = decisionOf(fields);
    return Object.values(bindings).includes(board);
  });
}

interface Decision {
  readonly rule: string;
  readonly instance: string;
  readonly file: string;
  readonly revision: string;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly grounds: readonly { readonly fact: string; readonly value: unknown }[];
}

/** From the journal's own words; whatever is missing is empty. */
function decisionOf(fields: JournalRecord['fields']): Decision {
  const { rule, instance, file, revision, bindings, grounds } = (fields.decision ?? {}) as Partial<Decision>;
  return {
    rule: String(rule ?? ''),
    instance: String(instance ?? ''),
    file: String(file ?? ''),
    revision: String(revision ?? ''),
    bindings: typeof bindings === 'object' && bindings !== null ? bindings : {},
    grounds: Array.isArray(grounds) ? grounds : [],
  };
}

function moveLines(record: JournalRecord, records: readonly JournalRecord[], names: WhyNames): string[] {
  const { service, from, to, cause, reasons } = record.fields;
  const origin = from === undefined ? '' : ` from ${names.boardOf(from)}`;
  const lines = [`${record.time}  ${String(service)} moved${origin} to ${names.boardOf(to)}: ${String(cause)}`];
  for (const reason of Array.isArray(reasons) ? reasons : []) {
    lines.push(`    ${names.boardOf(reason?.board)}: ${String(reason?.why)}`);
  }
  if (!String(cause).startsWith('rule ')) return lines;
  const text = `move ${String(service)} ${names.boardOf(to)}`;
  const asked = before(records, record, ({ what, fields }) => what === 'rules-perform' && fields.text === text);
  const plan = asked && planOf(records, asked);
  return plan === undefined ? lines : [...lines, ...planLines(plan, records).map((line) => `    ${line}`)];
}

/** The decision of the plan that a record belongs to. */
function planOf(records: readonly JournalRecord[], record: JournalRecord): JournalRecord | undefined {
  return before(records, record, ({ what, fields }) => what === 'rules-decided' && fields.plan === record.fields.plan);
}

function planLines(record: JournalRecord, records: readonly JournalRecord[]): string[] {
  const head = record.what === 'rules-decided' ? record : planOf(records, record);
  if (head === undefined) return [`${record.time}  ${String(record.fields.action)}: ${String(record.fields.message)}`];
  const { instance, file, revision, grounds } = decisionOf(head.fields);
  const at = records.indexOf(head);
  // Plan numbers begin anew with each daemon: what belongs to this plan stands before the next of its number.
  const next = records.findIndex(
    (one, i) =>
      i > at && one.file === head.file && one.what === 'rules-decided' && one.fields.plan === head.fields.plan,
  );
  const steps = records
    .slice(at, next < 0 ? undefined : next)
    .filter((one) => one.file === head.file && one.fields.plan === head.fields.plan);
  return [
    `${head.time}  rule ${instance} (${file}, revision ${revision})`,
    ...grounds.map(({ fact, value }) => `    because ${fact} was ${String(value)}`),
    ...steps.flatMap((one) => stepLine(one, head.monotonicMs)),
  ];
}

function stepLine({ what, fields, monotonicMs }: JournalRecord, startMs: number): string[] {
  const at = `    +${(monotonicMs - startMs).toFixed(1)} ms`;
  switch (what) {
    case 'rules-chose': {
      const reasons = Array.isArray(fields.reasons) ? fields.reasons.map(String) : [];
      return [
        `${at}  $${String(fields.as)}: ${String(fields.board ?? 'none')}`,
        ...reasons.map((one) => `        ${one}`),
      ];
    }
    case 'rules-done': {
      const message = fields.message === '' ? '' : `: ${String(fields.message)}`;
      return [`${at}  ${String(fields.action)}: ${fields.ok === true ? 'done' : 'failed'}${message}`];
    }
    case 'rules-ended':
      return [`${at}  ${String(fields.outcome)}`];
    default:
      return [];
  }
}

function before(
  records: readonly JournalRecord[],
  record: JournalRecord,
  is: (one: JournalRecord) => boolean,
): JournalRecord | undefined {
  for (let i = records.indexOf(record); i >= 0; i--) {
    const one = records[i];
    if (one !== undefined && one.file === record.file && is(one)) return one;
  }
  return undefined;
}
