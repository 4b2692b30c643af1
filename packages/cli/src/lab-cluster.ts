import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, ok, type Result } from '@softset/base';
import { Lab, readTopology } from '@softset/lab';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { daemonSpecs, form } from './lab-daemons.js';

/** Commands of this repository, such as softset-echo, are found by the boards' programs. */
const COMMANDS = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

export interface LabSetting {
  readonly file: string;
  readonly name: string;
  /** 0 never. */
  readonly lifeMs: number;
}

/**
 * Brings up a lab; where its file names a cluster file, with that cluster's daemons on its boards. The cluster file is
 * copied into the lab's folder, and a key is made there. Errors: `TOPOLOGY_INVALID`, `CLUSTER_FILE_INVALID`; throws the
 * lab's own.
 */
export async function labWithDaemons({ file, name, lifeMs }: LabSetting): Promise<Result<Lab>> {
  const bare = readTopology(file);
  if (!bare.ok) return bare;
  if (bare.value.cluster === undefined) return ok(await Lab.up({ topology: bare.value, name, lifeMs }));
  const clusterFile = resolve(dirname(file), bare.value.cluster);
  const read = readText(clusterFile);
  if (!read.ok) return read;
  const parsed = parseClusterFile(read.value, clusterFile);
  if (!parsed.ok) return parsed;
  const cluster = parsed.value;
  const members = cluster.boards.map((board) => board.name);
  const boards = bare.value.boards.map((board) => board.name).filter((board) => members.includes(board));
  const runs = cluster.boards.filter(({ id }) => cluster.programs.some((program) => program.boards.includes(id)));
  const daemons = daemonSpecs(boards, {
    psrmd: runs.map((board) => board.name).filter((board) => boards.includes(board)),
  });
  const topology = readTopology(file, daemons);
  if (!topology.ok) return topology;
  process.env.PATH = `${COMMANDS}${delimiter}${process.env.PATH ?? ''}`;
  const lab = await Lab.up({ topology: topology.value, name, lifeMs });
  try {
    // The name that the daemons were told; they wait until their boards are members.
    const copy = join(lab.dir, 'chassis.yaml');
    writeFileSync(copy, read.value);
    // Rules files lie beside the cluster file; the operator edits the lab's copy while it runs.
    const rules = join(dirname(clusterFile), 'rules');
    if (existsSync(rules)) cpSync(rules, join(lab.dir, 'rules'), { recursive: true });
    if (!isAbsolute(cluster.keyFile)) makeKey(join(lab.dir, cluster.keyFile));
    await form(lab, copy, boards);
    return ok(lab);
  } catch (error) {
    await lab.down();
    throw error;
  }
}

function readText(file: string): Result<string> {
  try {
    return ok(readFileSync(file, 'utf8'));
  } catch (cause) {
    return fail('CLUSTER_FILE_INVALID', `${file}: ${(cause as Error).message}`, cause);
  }
}

function makeKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
}
