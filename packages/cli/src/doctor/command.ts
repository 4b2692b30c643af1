import { type Paint, paintFor } from '../colour.js';
import { exitCodes } from '../exit-codes.js';
import { ownBoard } from '../install/place.js';
import { print } from '../say.js';
import { width } from '../status/render.js';
import { wrap } from '../status/words.js';
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import { gatherFacts } from './gather.js';
import { judge } from './judge.js';

export interface DoctorOptions {
  readonly cluster: string;
  readonly board?: string;
  readonly runDir: string;
  readonly stateDir: string;
  readonly json?: boolean;
}

/** `softset doctor`: what is wrong with this board and the cluster, and what to do. Exit 1 where there is a fault. */
export async function doctorCommand(options: DoctorOptions): Promise<number> {
  const { cluster: clusterFile, runDir, stateDir } = options;
  const facts = await gatherFacts({ clusterFile, board: ownBoard(options.board), runDir, stateDir });
  const findings = judge(facts);
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  if (options.json === true)
    print(JSON.stringify({ ok: faults === 0, board: facts.board, findings, skipped: facts.skipped }, undefined, 2));
  else print(render(facts, findings, paintFor(process.stdout)).join('\n'));
  return faults === 0 ? exitCodes.done : exitCodes.refused;
}

/** 80 columns: what was found, and below it, behind an arrow, what to do. */
export function render(
  { board, cluster, skipped }: Pick<Facts, 'board' | 'cluster' | 'skipped'>,
  findings: readonly Finding[],
  paint: Paint,
): string[] {
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  const warnings = findings.length - faults;
  const count = (n: number, what: string): string => (n === 0 ? `no ${what}s` : `${n} ${what}${n === 1 ? '' : 's'}`);
  const of = cluster === undefined ? '' : ` of ${cluster.name}`;
  return [
    `${board}${of}: ${count(faults, 'fault')}, ${count(warnings, 'warning')}`,
    ...findings.flatMap(({ code, severity, found, todo }) => [
      '',
      paint(`${severity === 'fault' ? 'FAULT' : 'warning'} ${code}`, severity === 'fault' ? 'red' : 'yellow'),
      ...found.split('\n').flatMap((line) => indented(line, '  ')),
      ...indented(`-> ${todo}`, '  ', 3),
    ]),
    ...(skipped.length === 0 ? [] : ['', ...skipped.flatMap((text) => wrap(`not looked at: ${text}`, width))]),
  ];
}

const indented = (text: string, by: string, hanging = 0): string[] =>
  wrap(text, width - by.length, hanging).map((line) => `${by}${line}`);
