import { fail, ok, type Result } from '@softset/base';
import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { Cluster } from './cluster.js';
import { checkCluster, type Finding } from './cluster-check.js';
import { clusterFileSchema } from './cluster-schema.js';

export type ClusterFileError = 'CLUSTER_FILE_INVALID';

/**
 * Reads a cluster file's text. `file` is its name, for messages only.
 * Fails with one line for each thing that is wrong: `FILE:LINE: FIELD: what was found and what is allowed`.
 */
export function parseClusterFile(text: string, file: string): Result<Cluster, ClusterFileError> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const say = (line: number, message: string): string => `${file}:${line}: ${message}`;
  const broken = document.errors.map((error) => say(error.linePos?.[0].line ?? 1, error.message.split('\n')[0] ?? ''));
  if (broken.length > 0) return fail('CLUSTER_FILE_INVALID', broken.join('\n'));

  const lineOf = (path: Finding['path']): number => {
    let node: unknown = document.contents;
    let line = 1;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
        if (!pair) break;
        line = startLine(pair.key as Node) ?? line;
        node = pair.value;
      } else {
        node = (node as { items?: unknown[] } | null)?.items?.[Number(step)];
        line = startLine(node as Node) ?? line;
      }
    }
    return line;
  };
  const startLine = (node: Node | null | undefined): number | undefined =>
    node?.range ? lines.linePos(node.range[0]).line : undefined;
  const tell = (findings: readonly Finding[]): string =>
    findings
      .map(({ path, message }) => say(lineOf(path), path.length > 0 ? `${fieldName(path)}: ${message}` : message))
      .join('\n');

  const parsed = clusterFileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const findings = parsed.error.issues.flatMap((issue): Finding[] => {
      const path = issue.path.filter((step) => typeof step !== 'symbol');
      if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
      return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown field' }));
    });
    return fail('CLUSTER_FILE_INVALID', tell(findings));
  }
  const checked = checkCluster(parsed.data);
  return 'findings' in checked ? fail('CLUSTER_FILE_INVALID', tell(checked.findings)) : ok(checked.cluster);
}

/** `services.media.pool[1]` */
function fieldName(path: Finding['path']): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}
