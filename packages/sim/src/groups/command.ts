import { type CalmFigures, type GroupFigures, measureGroups, measureWithin } from './measure.js';

const SIZES = { low: 65, high: 20_000 } as const;
/** Crashes of each kind in a chassis of 64: each takes seconds to compute. */
const WITHIN_RUNS = 8;

/**
 * `softset sim --groups N[,N…] [--seed N] [--within N] [--json]`: systems of N boards in chassis of 64. First the crash of a
 * board and of the director within one chassis of 64, by its real cores; then the ring above. Exit codes: 0 nobody was
 * missed and nobody who lived was called dead, 1 otherwise, 100 usage.
 */
export function runGroups(args: readonly string[]): number {
  const value = (name: string, otherwise: string): string => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : (args[at + 1] ?? '');
  };
  const sizes = value('--groups', '').split(',').map(Number);
  const seed = Number(value('--seed', '1'));
  const runs = Number(value('--within', `${WITHIN_RUNS}`));
  const whole = (number: number, low: number, high: number): boolean =>
    Number.isInteger(number) && number >= low && number <= high;
  if (
    !sizes.every((size) => whole(size, SIZES.low, SIZES.high)) ||
    !whole(seed, 0, 0x7fffffff) ||
    !whole(runs, 1, 1000)
  ) {
    process.stderr.write(
      `usage: softset sim --groups N[,N…] [--seed N] [--within N] [--json]\n  --groups  boards, ${SIZES.low} to ${SIZES.high}, in chassis of 64\n  --within  crashes of each kind in one chassis of 64 (default ${WITHIN_RUNS})\n`,
    );
    return 100;
  }
  const json = args.includes('--json');
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const within = measureWithin(runs, seed);
  if (!json) {
    say('one chassis of 64 boards, real cores, beats of 10 ms; virtual ms, median and worst');
    say(`  a board crashes: its director knows after ${spread(within.otherMs)}`);
    say(`  the director crashes: another directs and knows after ${spread(within.directorMs)}`);
    say(`  all boards know after ${spread(within.allMs)}; ${within.falseDown} that lived were called down`);
  }
  const figures = sizes.map((size) => {
    const found = measureGroups(size, seed, within);
    if (!json) for (const line of lines(found)) say(line);
    return found;
  });
  if (json) say(JSON.stringify({ within, figures }));
  const calm = figures.flatMap((one) => one.calm);
  const bad = within.missed + within.falseDown + figures.reduce((sum, { missed }) => sum + missed, 0);
  return bad > 0 || calm.some(({ falseGone, falseDead }) => falseGone + falseDead > 0) ? 1 : 0;
}

function lines({ boards, groups, delegates, crashMs, lossFirstMs, lossAllMs, missed, calm }: GroupFigures): string[] {
  return [
    `\n${boards} boards in ${groups} chassis, ${delegates} delegates`,
    `  a board crashes: every delegate knows after ${spread(crashMs)}`,
    `  a chassis is gone: the first of the others says so after ${spread(lossFirstMs)}, the last after ${spread(lossAllMs)}`,
    `  ${missed} never found out`,
    ...calm.map(calmLine),
  ];
}

function calmLine(one: CalmFigures): string {
  return [
    `  a minute with ${one.loss} % loss on each network, ${one.stallsPerMinute} stalls for each delegate:`,
    `${one.falseSuspicions} false suspicions, ${one.falseDead} delegates and ${one.falseGone} chassis called dead;`,
    `ring datagrams a second ${one.perDelegatePerSecond.toFixed(1)} for each delegate, ${one.ringPerBoardPerSecond.toFixed(2)} for each board`,
    `(with its beats ${one.perBoardPerSecond.toFixed(1)})`,
  ].join(' ');
}

function spread(samples: readonly number[]): string {
  const sorted = [...samples].sort((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} (${sorted.at(-1)?.toFixed(0)})`;
}
