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
const { cluster, board, stateDir } = command.value.options;
const loaded = await loadCluster(cluster, board);
if (!loaded.ok) {
  process.stderr.write(`netrack-form: ${loaded.message}\n`);
  process.exit(exitCodes.refused);
}
mkdirSync(stateDir, { recursive: true, mode: 0o750 });
const formed = formMember(stateDir, loaded.value.cluster.number);
if (!formed.ok) {
  process.stderr.write(`netrack-form: ${formed.message}\n`);
  process.exit(/^E[A-Z]+$/.test(formed.code) ? exitCodes.system : exitCodes.refused);
}
