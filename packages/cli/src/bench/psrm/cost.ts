import { readdirSync, readFileSync } from 'node:fs';

/** What a supervisor with all that it runs for its own sake has used. */
export interface Use {
  /** Processor time, ms. */
  readonly cpuMs: number;
  /** Resident memory, MB. */
  readonly rssMb: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly rssBytes: number;
}

const pageBytes = 4096;

/** Of a process and its descendants, but for those that are `programs`. */
export function useOf(root: number, programs: ReadonlySet<number>): Use {
  const all = processes();
  const own = new Map(all.filter(({ pid }) => pid === root).map((one) => [one.pid, one]));
  for (let grown = true; grown; ) {
    const found = all.filter(({ pid, parent }) => own.has(parent) && !own.has(pid) && !programs.has(pid));
    for (const one of found) own.set(one.pid, one);
    grown = found.length > 0;
  }
  let cpuMs = 0;
  let rssBytes = 0;
  for (const one of own.values()) {
    cpuMs += cpuOf(one.pid);
    rssBytes += one.rssBytes;
  }
  return { cpuMs, rssMb: rssBytes / 1e6 };
}

/** proc(5), stat: fields 4 and 24, behind the name, which may hold spaces itself. */
function processes(): Process[] {
  return numbersIn('/proc').flatMap((pid) => {
    const text = read(`/proc/${pid}/stat`);
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return text === '' ? [] : [{ pid, parent: Number(fields[1]), rssBytes: Number(fields[21]) * pageBytes }];
  });
}

/** Of all threads, in nanoseconds (proc(5), schedstat): ticks of 10 ms are too coarse for what idles. */
function cpuOf(pid: number): number {
  const ofThread = (thread: number): number => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  return numbersIn(`/proc/${pid}/task`).reduce((sum, thread) => sum + ofThread(thread), 0) / 1e6;
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return []; // Gone meanwhile.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
