import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { exitCodes } from '../exit-codes.js';
import { ownBoard } from '../install/place.js';
import { print, refuse } from '../say.js';
import { type TargetOptions, targetsOf } from '../targets.js';
import { linesOf, ordered, type Placed, type Told } from './order.js';

export type EventOptions = TargetOptions & {
  readonly json?: boolean;
  readonly stateDir?: string;
  readonly lines: string;
};

/**
 * `softset events [BOARD=DIR…]`: the journals of all daemons here, or of a lab's boards, or of state directories that were
 * fetched from boards; as one story, by term and index.
 */
export async function eventsCommand(folders: readonly string[], options: EventOptions): Promise<number> {
  const count = Number(options.lines);
  if (!Number.isInteger(count) || count < 0) return refuse({ code: 'USAGE', message: '--lines is a whole number' });
  const places = await placesOf(folders, options);
  if (!places.ok) return refuse(places);
  let told: readonly Told[];
  try {
    told = places.value.flatMap(({ board, dir }) => journalsIn(board, dir));
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return refuse({ code, message });
  }
  if (told.length === 0) {
    const where = places.value.map(({ dir }) => dir).join(', ');
    return refuse({ code: 'NOTHING', message: `there is no journal in ${where}` });
  }
  const all = ordered(told);
  for (const line of count === 0 ? all : all.slice(-count)) print(options.json ? JSON.stringify(line) : words(line));
  return exitCodes.done;
}

async function placesOf(folders: readonly string[], options: EventOptions) {
  if (folders.length > 0)
    return {
      ok: true as const,
      value: folders.map((text) => {
        const [, board, dir] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text) ?? [];
        return { board: board ?? basename(text), dir: dir ?? text };
      }),
    };
  if (options.lab === undefined) {
    const dir = options.stateDir ?? process.env.SOFTSET_STATE_DIR ?? '/var/lib/softset';
    return { ok: true as const, value: [{ board: ownBoard(), dir }] };
  }
  const targets = await targetsOf(options);
  if (!targets.ok) return targets;
  return {
    ok: true as const,
    value: targets.value.map(({ name, runDir }) => ({ board: name, dir: join(dirname(runDir), 'state') })),
  };
}

function journalsIn(board: string, dir: string): Told[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.journal'))
    .sort()
    .map((name) => {
      const path = join(dir, name);
      const older = existsSync(`${path}.1`) ? readFileSync(`${path}.1`, 'utf8') : '';
      return {
        from: `${board} ${basename(name, '.journal')}`,
        lines: linesOf(`${older}${readFileSync(path, 'utf8')}`),
      };
    });
}

function words({ term, index, from, time, who, what, fields }: Placed): string {
  const by = typeof who === 'string' ? who : JSON.stringify(who);
  return `${term}.${index}  ${from}  ${time}  ${by}  ${what}  ${JSON.stringify(fields)}`;
}
