import type { BoardState, Move, NetrackState } from '@softset/protocol';
import type { Paint } from '../colour.js';
import { configurationLines } from '../config/words.js';
import type { RulesSummary } from './gather.js';
import { table } from './table.js';
import { problemsOf } from './verdict.js';
import { alarmWords, duration, wrap } from './words.js';

export interface Shown {
  readonly state: NetrackState;
  readonly moves: readonly Move[];
  readonly rules?: RulesSummary;
  /** Names of boards whose netrackd does not answer us. */
  readonly silent: readonly string[];
}

/** Narrow terminals are still common, and logs and mails are 80 columns wide. */
export const width = 80;

/** The page of `softset status`: the verdict first, then who directs, boards, services and alarms. */
export function renderStatus({ state, moves, rules, silent }: Shown, wallMs: number, paint: Paint): string {
  const name = (id: number): string => state.boards.find((board) => board.board === id)?.name ?? '-';
  const problems = problemsOf(state, wallMs);
  const silentText = silent.length > 0 ? [`netrackd does not answer on ${silent.join(', ')}`] : [];
  const wrong = [...problems.map((problem) => problem.text), ...silentText];
  const verdict =
    wrong.length === 0
      ? [paint('all well', 'green')]
      : wrong.flatMap((text) => wrap(text, width)).map((line) => paint(line, 'red'));
  const { present, votes, needed } = state.quorum;
  const quorum = `quorum ${present} of ${votes} (${needed} needed)`;
  const head = `director ${name(state.director)}  deputy ${name(state.deputy)}  term ${state.term}  ${quorum}  seen by ${name(state.board)}`;
  const services = state.services.map((one) => {
    const holder = one.holder ? name(one.holder.board) : '-';
    const move = [...moves].reverse().find((m) => m.service === one.service && m.to === one.holder?.board);
    const cause = one.cause || move?.cause || '-';
    return [one.service, holder, move ? duration(wallMs - move.atMs) : '-', one.phase, cause];
  });
  const section = (title: readonly string[], rows: readonly (readonly string[])[]): string[] => {
    const [top = '', ...rest] = table([title, ...rows], width);
    return ['', paint(top, 'dim'), ...rest];
  };
  return [
    ...verdict,
    '',
    ...wrap(head, width),
    ...section(
      ['BOARD', 'STATE', 'SINCE', 'A', 'B', 'DAEMONS', 'PROGRAMS'],
      state.boards.map((b) => boardRow(b, state)),
    ),
    ...(services.length > 0 ? section(['SERVICE', 'HOLDER', 'SINCE', 'PHASE', 'CAUSE'], services) : []),
    ...configurationLines(state, width),
    ...leftOver(state, name),
    ...(rules === undefined ? [] : rulesLines(rules)),
    '',
    ...(state.alarms.length === 0
      ? ['no alarms']
      : state.alarms.flatMap((alarm) => wrap(`${alarmWords(alarm)} [${alarm.cause}]`, width))),
  ].join('\n');
}

/** What an operator wished and has to take back: it is forgotten easily, and surprises later. */
function leftOver({ services, prefers = 'A' }: NetrackState, name: (id: number) => string): string[] {
  const pins = services.flatMap(({ service, pin }) => (pin === undefined ? [] : [`${service} to ${name(pin)}`]));
  const words = [
    ...(pins.length === 0 ? [] : [`pinned: ${pins.join(', ')} (softset service unpin)`]),
    ...(prefers === 'A' ? [] : [`network ${prefers} is preferred (softset network prefer A)`]),
  ];
  return words.length === 0 ? [] : ['', ...words.flatMap((line) => wrap(line, width))];
}

/** Which rules files run, that newer ones do not, and what rests; nothing on a system without rules. */
function rulesLines({ files, rules, refused, atLimit }: RulesSummary): string[] {
  if (files.length === 0 && refused === undefined) return [];
  const named = files.map((file) => `${file.name} (${file.revision})`).join(', ');
  const count = `${rules} ${rules === 1 ? 'rule' : 'rules'}`;
  return [
    '',
    ...wrap(files.length === 0 ? 'rules: none run' : `rules: ${count} of ${named}`, width),
    ...(refused === undefined ? [] : wrap(`rules files refused: ${refused}`, width)),
    ...atLimit.flatMap(({ instance, times, windowMs }) =>
      wrap(
        `rule ${instance} is at its limit: it acted ${times === 1 ? 'once' : `${times} times`} in ${duration(windowMs)}`,
        width,
      ),
    ),
  ];
}

function boardRow(board: BoardState, state: NetrackState): string[] {
  const self = board.verdict === 'self';
  const alive = self || board.verdict === 'up';
  const mark = (there: boolean): string => (there ? 'ok' : '--');
  const words = [
    self ? 'up' : board.verdict,
    ...(board.amnesiac ? ['amnesiac'] : []),
    ...(board.leaving ? ['leaving'] : []),
    ...(board.left === true ? ['left'] : board.admin === 'in-service' ? [] : [board.admin]),
  ];
  const missing = (['netrackd', 'redirectd', 'psrmd'] as const).filter(
    (daemon) => !board.daemons.includes(daemon) && (daemon !== 'psrmd' || board.programs.length > 0),
  );
  return [
    board.name,
    words.join(' '),
    self ? '-' : duration(state.nowMs - board.sinceMs),
    mark(board.paths.A),
    mark(board.paths.B),
    !alive ? '-' : missing.length === 0 ? 'all' : `no ${missing.join(', ')}`,
    board.programs.length === 0 ? '-' : board.programs.map(({ program, state: s }) => `${program} ${s}`).join(', '),
  ];
}
