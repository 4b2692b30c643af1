import { readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';
import { type NetrackClient, netrackClient } from '@softset/client';
import type { NetrackState } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { gather } from '../status/gather.js';
import { width } from '../status/render.js';
import { type TargetOptions, targetsOf } from '../targets.js';
import { lineDiff } from './line-diff.js';
import { short, statusWords } from './words.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset-config', retry: 'none' } as const;
/** Every board is asked, and may take six seconds to answer. */
const EVERYBODY_MS = 20_000;
const LOOK_EVERY_MS = 250;

async function asking(
  options: Options,
  work: (client: NetrackClient, state: NetrackState) => Promise<number>,
): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const client = netrackClient(best.value.from.runDir, once);
  try {
    const ready = await client.ready();
    return ready.ok ? await work(client, best.value.state) : refuse(ready, 'start netrackd');
  } finally {
    client.close();
  }
}

function readText(file: string): Result<string> {
  try {
    return ok(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail((error as NodeJS.ErrnoException).code ?? 'EIO', `cannot read ${file}: ${(error as Error).message}`);
  }
}

/** `softset config status`. */
export async function configStatusCommand(options: Options): Promise<number> {
  return asking(options, async (client, state) => {
    const own = await client.call('configuration', {});
    if (!own.ok) return refuse(own);
    print(options.json ? JSON.stringify(own.value, undefined, 2) : statusWords(own.value, state, width).join('\n'));
    return exitCodes.done;
  });
}

/** `softset config show [which]`: the text itself. */
export async function configShowCommand(which: string, options: Options): Promise<number> {
  if (which !== 'running' && which !== 'staged' && which !== 'previous')
    return refuse({ code: 'USAGE', message: `show running, staged or previous, not "${which}"` });
  return asking(options, async (client) => {
    const found = await client.call('configurationText', { which });
    if (!found.ok) return refuse(found);
    if (options.json) print(JSON.stringify(found.value));
    else process.stdout.write(found.value.text);
    return exitCodes.done;
  });
}

/** `softset config check FILE`: good in itself, and able to run here next to what runs. */
export async function configCheckCommand(file: string, options: Options): Promise<number> {
  const text = readText(file);
  if (!text.ok) return refuse(text);
  const parsed = parseClusterFile(text.value, file);
  if (!parsed.ok) return refuse(parsed);
  return asking(options, async (client) => {
    const checked = await client.call('configurationCheck', { text: text.value }, { timeoutMs: EVERYBODY_MS });
    if (!checked.ok) return refuse(checked);
    print(options.json ? JSON.stringify(checked.value) : `${file}: good, ${short(checked.value.hash)}`);
    return exitCodes.done;
  });
}

/** `softset config diff [FILE]`: what runs beside it, or beside what is held ready. Exit 1 where they differ. */
export async function configDiffCommand(file: string | undefined, options: Options): Promise<number> {
  return asking(options, async (client) => {
    const running = await client.call('configurationText', { which: 'running' });
    if (!running.ok) return refuse(running);
    const other = file === undefined ? await client.call('configurationText', { which: 'staged' }) : readText(file);
    if (!other.ok) return refuse(other, 'softset config push FILE first, or name a file');
    const text = typeof other.value === 'string' ? other.value : other.value.text;
    const lines = lineDiff(running.value.text, text);
    if (options.json) print(JSON.stringify({ running: running.value.hash, differs: lines.length > 0, lines }));
    else if (lines.length > 0) print(lines.join('\n'));
    return lines.length === 0 ? exitCodes.done : exitCodes.refused;
  });
}

/** `softset config push FILE`: held ready by every board that is up. */
export async function configPushCommand(file: string, options: Options): Promise<number> {
  const text = readText(file);
  if (!text.ok) return refuse(text);
  return asking(options, async (client) => {
    const pushed = await client.call('configurationPush', { text: text.value }, { timeoutMs: EVERYBODY_MS });
    if (!pushed.ok) return refuse(pushed);
    const { hash, boards, away } = pushed.value;
    const later = away.length === 0 ? '' : `; not there, and take it when they return: ${away.join(', ')}`;
    print(options.json ? JSON.stringify(pushed.value) : `${short(hash)} is held ready by ${boards.join(', ')}${later}`);
    return exitCodes.done;
  });
}

/** `softset config commit`: every board runs it, one after another; waits until all that are there do. */
export async function configCommitCommand(
  options: Options & { readonly within?: string; readonly wait?: string },
): Promise<number> {
  const withinS = Number(options.within ?? 120);
  if (!(withinS >= 0 && withinS <= 3600))
    return refuse({ code: 'USAGE', message: `--within ${options.within} must be 0 (no confirmation) to 3600 s` });
  let hash = '';
  const committed = await asking(options, async (client) => {
    const done = await client.call(
      'configurationCommit',
      { confirmMs: Math.round(withinS * 1000) },
      { timeoutMs: EVERYBODY_MS },
    );
    if (!done.ok) return refuse(done);
    hash = done.value.hash;
    const next = withinS === 0 ? '' : `; confirm within ${withinS} s: softset config confirm`;
    if (!options.json) print(`${done.value.message}, ${short(hash)}, is committed${next}`);
    return exitCodes.done;
  });
  if (committed !== exitCodes.done) return committed;
  return untilAllRun(hash, options);
}

async function untilAllRun(hash: string, options: Options & { readonly wait?: string }): Promise<number> {
  const endMs = performance.now() + Number(options.wait ?? 60) * 1000;
  for (;;) {
    const targets = await targetsOf(options);
    if (!targets.ok) return refuse(targets);
    // Their daemons begin anew: one that does not answer is looked for again.
    const best = await gather(targets.value);
    const there = best.ok ? best.value.state.boards.filter(({ verdict }) => verdict !== 'down') : [];
    const behind = there.filter(({ configuration }) => configuration !== short(hash)).map(({ name }) => name);
    if (best.ok && behind.length === 0) {
      const boards = there.map(({ name }) => name);
      print(options.json ? JSON.stringify({ hash, boards }) : `${boards.join(', ')} run it`);
      return exitCodes.done;
    }
    if (performance.now() >= endMs) {
      const who = behind.length === 0 ? 'nobody answers' : `${behind.join(', ')} does not run it yet`;
      return refuse({ code: 'CONFIG_NOT_RUNNING', message: who }, 'softset config status shows how far it is');
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** `softset config confirm` and `softset config rollback`. */
export async function configWishCommand(
  what: 'configurationConfirm' | 'configurationRollback',
  options: Options,
): Promise<number> {
  return asking(options, async (client) => {
    const done = await client.call(what, {}, { timeoutMs: EVERYBODY_MS });
    if (!done.ok) return refuse(done);
    print(options.json ? JSON.stringify(done.value) : done.value.message);
    return exitCodes.done;
  });
}
