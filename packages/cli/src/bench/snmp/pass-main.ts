import { createInterface } from 'node:readline';

/** snmpd's `pass_persist` at its best: a column of N rows in memory. Arguments: the column, and N. */
const [column = '', count = '0'] = process.argv.slice(2);
const rows = Number(count);
const say = (...lines: readonly (string | number)[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

/** The row that `oid` names; undefined for none. */
function rowOf(oid: string): number | undefined {
  const index = oid.startsWith(`.${column}.`) ? Number(oid.slice(column.length + 2)) : Number.NaN;
  return Number.isInteger(index) && index >= 1 && index <= rows ? index : undefined;
}

let command = '';
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'PING') {
    say('PONG');
    return;
  }
  if (command === '') {
    command = line;
    return;
  }
  const at = rowOf(line);
  // Only the column itself and its rows are ever asked about.
  const found = command === 'get' ? at : line === `.${column}` ? 1 : at !== undefined && at < rows ? at + 1 : undefined;
  command = '';
  if (found === undefined) say('NONE');
  else say(`.${column}.${found}`, 'integer', 1);
});
