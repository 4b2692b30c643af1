import { parseArgs } from 'node:util';
import type { Failure } from '@softset/base';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { clusterText } from '@softset/runtime/cluster-text.js';
import { exitCodes } from '@softset/runtime/daemon-options.js';
import { memberFiles } from '@softset/runtime/member-files.js';

/*
 * `netrack-in-use --cluster FILE --state-dir DIR`: prints, as JSON, the configuration that runs on this board and the keys that
 * it uses, secrets and all: `softset backup` keeps them.
 */
const USAGE = 'usage: netrack-in-use --cluster FILE --state-dir DIR\n';

function main(): number {
  const { cluster: file, stateDir } = given();
  if (file === undefined || stateDir === undefined) {
    process.stderr.write(USAGE);
    return exitCodes.usage;
  }
  const source = clusterText(file, stateDir);
  if (!source.ok) return refused(source);
  const cluster = parseClusterFile(source.value.text, file);
  if (!cluster.ok) return refused(cluster);
  const found = memberFiles(file, cluster.value, stateDir);
  if (!found.ok) return refused(found);
  process.stdout.write(`${JSON.stringify(found.value)}\n`);
  return exitCodes.done;
}

function given(): { cluster?: string | undefined; stateDir?: string | undefined } {
  try {
    const { values } = parseArgs({ options: { cluster: { type: 'string' }, 'state-dir': { type: 'string' } } });
    return { cluster: values.cluster, stateDir: values['state-dir'] };
  } catch {
    return {};
  }
}

function refused({ code, message }: Failure): number {
  process.stderr.write(`netrack-in-use: ${message}\n`);
  return /^E[A-Z]+$/.test(code) ? exitCodes.system : exitCodes.refused;
}

process.exitCode = main();
