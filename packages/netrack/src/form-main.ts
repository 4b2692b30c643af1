import { mkdirSync } from 'node:fs';
import { exitCodes, parseDaemonArgs } from '@softset/runtime/daemon-options.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { formMember } from './adapters/kept-files.js';

/** `netrack-form --cluster FILE --board NAME --run-dir DIR --state-dir DIR`: makes a board a member (T7), once. */
const USAGE = 'usage: netrack-form --cluster FILE --board NAME --run-dir DIR --state-dir DIR\n';
const command = parseDaemonArgs(process.argv.slice(2));
if (command.ok && command.value.kind === 'help') {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (!command.ok || command.value.kind !== 'run' || command.value.options.stateDir === undefined) {
  const why = command.ok ? '--state-dir is required: a member must remember its votes' : command.message;
  process.stderr.write(`netrack-form: ${why}\n${USAGE}`);
  process.exit(exitCodes.usage);
}
const { cluster, board, stateDir, runDir } = command.value.options;
void form(cluster, board, stateDir, runDir);

async function form(file: string, name: string, stateFolder: string, runFolder: string): Promise<void> {
  mkdirSync(stateFolder, { recursive: true, mode: 0o750 });
  // What was checked is kept for the daemons, which start next.
  mkdirSync(runFolder, { recursive: true, mode: 0o750 });
  const loaded = await loadCluster(file, name, runFolder);
  if (!loaded.ok) {
    process.stderr.write(`netrack-form: ${loaded.message}\n`);
    process.exit(exitCodes.refused);
  }
  const formed = formMember(stateFolder, loaded.value.cluster.number);
  if (!formed.ok) {
    process.stderr.write(`netrack-form: ${formed.message}\n`);
    process.exit(/^E[A-Z]+$/.test(formed.code) ? exitCodes.system : exitCodes.refused);
  }
}
