import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';

/** As sha256sum(1) checks it; undefined for a file that cannot be read. */
type Sum = string | undefined;

export interface Front {
  /** Of the program, as they were given. */
  readonly args: readonly string[];
  /** What snmpd's `-c` wants: the file that was made, and what snmpd keeps. */
  readonly conf: string;
  /** Of all that it was made from. */
  readonly sums: readonly Sum[];
}

export function sumsOf(files: readonly string[]): readonly Sum[] {
  return files.map((file) => {
    try {
      return `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${file}`;
    } catch {
      return undefined;
    }
  });
}

/**
 * RUN_DIR/snmpd.front: by which bin/snmpagd-front sees that nothing has to be made anew. Where it cannot be written, or
 * what it would say does not fit one line, there is none, and the file is made at each start.
 */
export function writeFront(runDir: string, { args, conf, sums }: Front): void {
  const [made = '', kept = ''] = conf.split(',');
  const all = [...sums, ...sumsOf([made])];
  const words = [args.join(' '), conf, kept, ...all];
  // sha256sum escapes these names; and the shell that reads the first lines has no other quotes for them.
  const odd = words.some((line) => line === undefined || /[\n\\]/.test(line) || line !== line.trim());
  const text = odd ? '' : [`# ${args.join(' ')}`, `# ${conf}`, `# ${kept}`, ...all, ''].join('\n');
  writeFileAtomicSync(join(runDir, 'snmpd.front'), text, { mode: 0o600 });
}
