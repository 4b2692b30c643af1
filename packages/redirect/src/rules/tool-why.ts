import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ok, type Result } from '@softset/base';
import { type JournalRecord, parseRecord, readJournal } from './read-journal.js';
import { readCluster, type ToolOptions } from './tool-options.js';
import { print, refuse } from './tool-say.js';
import { readQuestion, type WhyNames, why } from './why.js';

/** `why WORDS --journal FILE…`: exit 1 where the journals know nothing of it. */
export function whyVerb(options: ToolOptions): number {
  const names = namesOf(options);
  if (!names.ok) return refuse(names);
  const question = readQuestion(options.paths, names.value);
  if (question === undefined)
    return refuse({
      code: 'USAGE',
      message: 'why ADDRESS, why SERVICE, why board NAME, why network A, or why rule NAME',
    });
  const records = readAll(options.journals);
  if (!records.ok) return refuse(records);
  const lines = why(records.value, question, names.value);
  if (options.json) print(JSON.stringify({ ...question, lines }));
  else if (lines.length > 0) print(lines.join('\n'));
  if (lines.length > 0) return 0;
  const where = options.journals.length === 1 ? 'this journal' : 'these journals';
  return refuse({
    code: 'NOTHING',
    message: `nothing about ${question.kind} ${question.name} in ${where}; decisions are journaled on the board that directs`,
  });
}

/** `journal --journal FILE… [--follow]`: the newest lines, then what comes. */
export async function journalVerb(options: ToolOptions): Promise<number> {
  const records = readAll(options.journals);
  if (!records.ok) return refuse(records);
  const show = (record: JournalRecord): void =>
    print(options.json ? JSON.stringify(record) : line(record, options.journals.length > 1));
  for (const record of records.value.slice(-LINES_SHOWN)) show(record);
  if (!options.follow) return 0;
  await Promise.all(options.journals.map((file) => follow(file, show)));
  return 0;
}

const LINES_SHOWN = 50;
const FOLLOW_MS = 200;
const READ_BYTES = 65_536;

function line({ time, who, what, fields, file }: JournalRecord, several: boolean): string {
  const by = typeof who === 'string' ? who : JSON.stringify(who);
  return `${several ? `${file}  ` : ''}${time}  ${by}  ${what}  ${JSON.stringify(fields)}`;
}

/** All journals as one, by wall time; in one file the order of its lines stands. Errors: errno's names. */
function readAll(files: readonly string[]): Result<readonly JournalRecord[]> {
  const all: JournalRecord[] = [];
  let failure: Result<never> | undefined;
  for (const file of files) {
    const records = readJournal(file);
    if (records.ok) all.push(...records.value);
    else failure ??= records;
  }
  // Of several boards one may have no journal yet.
  if (all.length === 0 && failure !== undefined) return failure;
  return ok(files.length > 1 ? all.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)) : all);
}

/** Lines as they are appended; a rotation begins the new file from its start. Ends with the process. */
async function follow(file: string, show: (record: JournalRecord) => void): Promise<void> {
  let inode = 0;
  let offset = -1;
  let rest = '';
  for (;;) {
    const handle = await open(file, 'r').catch(() => undefined);
    if (handle !== undefined) {
      try {
        const { ino, size } = await handle.stat();
        if (offset < 0) offset = size;
        else if (ino !== inode || size < offset) offset = 0;
        inode = ino;
        while (offset < size) {
          const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, offset);
          if (bytesRead === 0) break;
          offset += bytesRead;
          const lines = `${rest}${buffer.toString('utf8', 0, bytesRead)}`.split('\n');
          rest = lines.pop() ?? '';
          for (const one of lines) for (const record of parseRecord(one, file)) show(record);
        }
      } finally {
        await handle.close();
      }
    }
    await sleep(FOLLOW_MS);
  }
}

function namesOf(options: ToolOptions): Result<WhyNames> {
  const read = readCluster(options.cluster);
  if (!read.ok) return read;
  const cluster = read.value;
  return ok({
    boardOf: (id) =>
      cluster?.boards.find((board) => board.id === id)?.name ??
      // A journal of stories has names.
      (typeof id === 'string' ? id : id === undefined ? 'nowhere' : `board ${String(id)}`),
    serviceOf: (address) =>
      cluster?.services.find((one) => one.addresses.some(({ ip }) => ip === address.split('/')[0]))?.name,
  });
}
