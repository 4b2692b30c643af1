import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { Lab, listLabs } from '@softset/lab';
import { alive, processStat } from '@softset/lab/process-table.js';

/** In a lab's folder: which demonstration made it. */
const ownerFile = 'demo-owner.json';

export function claim(lab: Lab): void {
  const stat = processStat(process.pid);
  writeFileSync(join(lab.dir, ownerFile), JSON.stringify({ pid: process.pid, startTicks: stat?.startTicks ?? 0 }));
}

/**
 * Makes room for a lab of this name: one that an earlier demonstration kept, or left behind when it was killed, goes.
 * `value`: whether there was one. Error: `LAB_EXISTS`, when it is somebody else's, or a demonstration still plays.
 */
export async function makeRoom(name: string): Promise<Result<boolean>> {
  const lab = listLabs().find((one) => one.name === name);
  if (lab === undefined) return ok(false);
  const file = join(lab.dir, ownerFile);
  const owner = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number; startTicks: number })
    : undefined;
  const another = `softset lab down --name ${name} ends it, or give another --name`;
  if (owner !== undefined && alive(owner.pid, owner.startTicks)) {
    return fail('LAB_EXISTS', `a demonstration plays on lab "${name}" already; ${another}`);
  }
  if (owner === undefined && lab.state !== 'dead') {
    return fail('LAB_EXISTS', `there is a lab "${name}" that no demonstration made; ${another}`);
  }
  await Lab.down(name);
  return ok(true);
}
