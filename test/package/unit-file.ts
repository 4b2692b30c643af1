/** What a unit file says (systemd.syntax(7)), as far as ours go: no continued lines, no drop-ins. */
export interface Unit {
  one(section: string, key: string): string | undefined;
  all(section: string, key: string): readonly string[];
  words(section: string, key: string): readonly string[];
}

export function readUnit(text: string): Unit {
  const entries: { section: string; key: string; value: string }[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const head = /^\[(\w+)\]$/.exec(line);
    if (head) {
      section = head[1] ?? '';
      continue;
    }
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === '') throw new Error(`not a line of a unit file: ${line}`);
    entries.push({ section, key, value });
  }
  const all = (where: string, what: string): readonly string[] =>
    entries.filter((entry) => entry.section === where && entry.key === what).map((entry) => entry.value);
  return {
    all,
    one: (where, what) => all(where, what).at(-1),
    words: (where, what) => (all(where, what).at(-1) ?? '').split(' ').filter((word) => word !== ''),
  };
}

/**
 * The command that systemd would run, for a board without it: as the unit's user, with its capabilities and no other,
 * with its priority and environment. `environment`: what the unit's EnvironmentFile says.
 */
export function commandOf(
  unit: Unit,
  environment: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): string[] {
  const capabilities = unit
    .words('Service', 'AmbientCapabilities')
    .map((name) => name.replace('CAP_', '').toLowerCase());
  const sets = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  const user = unit.one('Service', 'User') ?? 'root';
  const [command = ''] = unit.all('Service', 'ExecStart');
  const words = command
    .split(' ')
    .map((word) => word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? ''));
  const priority = unit.one('Service', 'CPUSchedulingPriority');
  return [
    'env',
    '-i',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.entries({ ...environment, ...more }).map(([name, value]) => `${name}=${value}`),
    ...(priority === undefined ? [] : ['chrt', '--rr', priority]),
    'setpriv',
    ...[`--reuid=${user}`, `--regid=${unit.one('Service', 'Group') ?? user}`, '--init-groups', '--no-new-privs'],
    ...[`--bounding-set=${sets}`, `--inh-caps=${sets}`, `--ambient-caps=${sets}`],
    '--',
    ...words,
  ];
}
