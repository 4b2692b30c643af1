import { existsSync } from 'node:fs';
import { ok, type Result } from '@softset/base';
import type { Cluster } from '@softset/protocol';
import { worldOf } from '../core/rules/world.js';
import { readRuleTexts } from './folder.js';
import { rulesFolder } from './keeper.js';
import { loadOrFail } from './load.js';

/** `--check-config`: the rules files beside the cluster file. None is good. */
export function checkRules(clusterFile: string, cluster: Cluster): Result<void> {
  const folder = rulesFolder(clusterFile);
  if (!existsSync(folder)) return ok(undefined);
  const texts = readRuleTexts([folder], true);
  if (!texts.ok) return texts;
  const loaded = loadOrFail(texts.value, worldOf(cluster));
  return loaded.ok ? ok(undefined) : loaded;
}
