import type { Finding } from './cluster-check.js';
import type { ClusterFile } from './cluster-schema.js';

type ProgramFile = ClusterFile['programs'][string];
const probeKinds = ['udp', 'tcp', 'http', 'exec', 'snmp'] as const;

/** What does not fit together within one program's entry. Paths are relative to it. */
export function checkProgram(entry: ProgramFile): readonly Finding[] {
  const findings: Finding[] = [];
  const find = (path: Finding['path'], message: string): void => {
    findings.push({ path, message });
  };
  const commands: readonly [Finding['path'], readonly string[] | undefined][] = [
    [['command'], entry.command],
    [['stop', 'dump', 'command'], entry.stop.dump?.command],
    [['probe', 'exec', 'command'], entry.probe?.exec?.command],
    [['role', 'hook'], entry.role?.hook],
  ];
  for (const [path, command] of commands) {
    if (command && !command[0]?.startsWith('/')) find([...path, 0], `"${command[0]}" is not an absolute path`);
  }
  if (!entry.directory.startsWith('/')) find(['directory'], `"${entry.directory}" is not an absolute path`);
  const { probe, ready, notify, trouble } = entry;
  if (probe && probeKinds.filter((kind) => probe[kind] !== undefined).length !== 1)
    find(['probe'], `needs exactly one of ${probeKinds.join(', ')}`);
  if (probe?.http && probe.http.statusMin > probe.http.statusMax)
    find(['probe', 'http', 'statusMin'], 'is above statusMax, so no answer would count');
  if (ready?.by === 'probe' && !probe) find(['ready', 'by'], 'says probe, and there is none');
  if (ready?.by === 'notify' && !notify) find(['ready', 'by'], 'says notify: needs the entry notify, such as {}');
  if (ready && (ready.by === 'port') !== (ready.port !== undefined))
    find(['ready', 'port'], 'belongs to by: port, and is needed there');
  if (ready && (ready.by === 'delay') !== (ready.delayMs !== undefined))
    find(['ready', 'delayMs'], 'belongs to by: delay, and is needed there');
  if (entry.pause.minMs > entry.pause.maxMs) find(['pause', 'minMs'], 'is above maxMs');
  if (trouble?.status && !notify) find(['trouble', 'status'], 'needs the entry notify, such as {}');
  if (trouble?.probeMs && !probe) find(['trouble', 'probeMs'], 'needs a probe');
  for (const of of ['status', 'log'] as const) {
    for (const [level, source] of Object.entries(trouble?.[of] ?? {})) {
      const problem = source === undefined ? undefined : badPattern(source);
      if (problem !== undefined) find(['trouble', of, level], problem);
    }
  }
  return findings;
}

function badPattern(source: string): string | undefined {
  try {
    new RegExp(source, 'u');
    return undefined;
  } catch (error) {
    return String(error);
  }
}
