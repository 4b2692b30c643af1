import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { KEPT_CONFIGURATION, type KeptConfiguration, keptConfiguration } from '@softset/protocol/kept-configuration.js';
import { checkedBody } from './atomic-file.js';
import { errnoFailure } from './errno.js';

export interface ClusterText {
  readonly text: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
  /** What roll-outs left on this board; absent: nothing, and the operator's own file is what runs. */
  readonly kept?: KeptConfiguration;
  /** The operator's file says something else than the copy that runs in its place. */
  readonly fileIgnored: boolean;
  /** The kept copy cannot be read: why. */
  readonly damaged?: string;
}

/**
 * The configuration to start with: what was rolled out last, of which the state directory (on a board without one the
 * run directory) has a copy; where nothing ever was, `file`. A copy that is damaged counts as none, and netrackd gets a
 * whole one from the others. Errors: errno's names, where neither can be read.
 */
export function clusterText(file: string, directory: string | undefined): Result<ClusterText> {
  const read = (path: string): Result<Read> => {
    try {
      return ok({ text: readFileSync(path, 'utf8'), uid: statSync(path).uid });
    } catch (error) {
      return errnoFailure(error, `read the cluster file ${path}`);
    }
  };
  return chosen(read(file), directory === undefined ? undefined : read(keptPath(directory)));
}

/** The same, for a daemon that runs and must not wait for a disk. */
export async function clusterTextLater(file: string, directory: string | undefined): Promise<Result<ClusterText>> {
  const read = async (path: string): Promise<Result<Read>> => {
    try {
      return ok({ text: await readFile(path, 'utf8'), uid: (await stat(path)).uid });
    } catch (error) {
      return errnoFailure(error, `read the cluster file ${path}`);
    }
  };
  return chosen(await read(file), directory === undefined ? undefined : await read(keptPath(directory)));
}

interface Read {
  readonly text: string;
  readonly uid: number;
}

function keptPath(directory: string): string {
  return join(directory, KEPT_CONFIGURATION);
}

/** A daemon that runs as root believes root alone: the copy is written by netrackd, which need not be root. */
function believed({ text, uid }: Read): Result<string> {
  if (process.getuid?.() !== 0 || uid === 0) return checkedBody(text, KEPT_CONFIGURATION);
  return fail(
    'NOT_ROOTS',
    `${KEPT_CONFIGURATION} belongs to user ${uid}, and this daemon runs as root: it goes by its own file`,
  );
}

function chosen(own: Result<Read>, copy: Result<Read> | undefined): Result<ClusterText> {
  const body = copy?.ok ? believed(copy.value) : undefined;
  const kept = body?.ok ? keptConfiguration(JSON.parse(body.value)) : undefined;
  const damaged = body?.ok === false ? { damaged: body.message } : {};
  const also = kept === undefined ? {} : { kept };
  if (kept?.running !== undefined) {
    const { text, hash } = kept.running;
    const others = [kept.previous?.text, text];
    // It is told of once: a file that is older than the roll-out says nothing new.
    return ok({ text, hash, ...also, fileIgnored: own.ok && !others.includes(own.value.text), ...damaged });
  }
  if (!own.ok) return own;
  const hash = createHash('sha256').update(own.value.text).digest('hex');
  return ok({ text: own.value.text, hash, ...also, fileIgnored: false, ...damaged });
}
