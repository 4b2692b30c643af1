import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '@softset/base';
import type { Cluster } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { errnoFailure } from '@softset/runtime/errno.js';

export interface ToolOptions {
  readonly verb: string;
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly cluster?: string;
  readonly runDir?: string;
  readonly journal?: string;
  readonly journals: readonly string[];
  readonly follow: boolean;
  readonly down: readonly string[];
  readonly facts: readonly string[];
  readonly time: string;
  readonly format: string;
  readonly runs: string;
  readonly rules: readonly string[];
  readonly record?: string;
}

export const TOOL_USAGE = `usage: redirect-rules VERB [options] PATH...

  check      says what is wrong, with file, line and column
  test       plays the tests of the files; --record FILE writes them down as a journal, to try why and replay on
  simulate   what these rules would do: --down BOARD, --fact NAME=VALUE, --time 1m
             in a world that is well, as a board sees it now (--run-dir DIR), or as a journal ends (--journal FILE)
  replay     what these rules would have done in a journal: redirect-rules replay JOURNAL --rules PATH
  why        why ADDRESS | SERVICE | board NAME | network NAME | rule NAME, from --journal FILE
  journal    the newest lines of --journal FILE, with --follow what comes
  graph      facts, rules and actions, as text or --format dot

  --cluster FILE   names of boards, services and programs are looked up in it
  --json           one JSON object on standard output
A PATH is a rules file or a directory of them. Exit: 0 done, 1 refused, 100 usage, 111 system.
`;

export function readToolOptions(args: readonly string[]): Result<ToolOptions, 'USAGE'> {
  const text = { type: 'string' } as const;
  const many = { type: 'string', multiple: true } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        cluster: text,
        'run-dir': text,
        journal: many,
        follow: { type: 'boolean', short: 'f' },
        down: many,
        fact: many,
        rules: many,
        record: text,
        time: text,
        format: text,
        runs: text,
        json: { type: 'boolean' },
      },
    });
    const [verb = '', ...paths] = positionals;
    return ok({
      verb,
      paths,
      json: values.json ?? false,
      down: values.down ?? [],
      facts: values.fact ?? [],
      rules: values.rules ?? [],
      ...(values.record === undefined ? {} : { record: values.record }),
      time: values.time ?? '1m',
      format: values.format ?? 'text',
      runs: values.runs ?? '200',
      ...(values.cluster === undefined ? {} : { cluster: values.cluster }),
      ...(values['run-dir'] === undefined ? {} : { runDir: values['run-dir'] }),
      journals: values.journal ?? [],
      follow: values.follow ?? false,
      ...(values.journal?.[0] === undefined ? {} : { journal: values.journal[0] }),
    });
  } catch (error) {
    return fail('USAGE', error instanceof Error ? error.message : String(error));
  }
}

/** Errors: errno's names, `CLUSTER_FILE_INVALID`. */
export function readCluster(file: string | undefined): Result<Cluster | undefined> {
  if (file === undefined) return ok(undefined);
  try {
    return parseClusterFile(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return errnoFailure(error, `read the cluster file ${file}`);
  }
}
