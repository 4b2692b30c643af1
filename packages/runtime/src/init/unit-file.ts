/** What a unit file says (systemd.syntax(7)), as far as ours go: no continued lines, no drop-ins. */
export interface Unit {
  one(section: string, key: string): string | undefined;
  all(section: string, key: string): readonly string[];
  words(section: string, key: string): readonly string[];
}

/** Throws where a line is none: ours are made by us, and a board must not run half of one. */
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

/** `5`, `100ms`, `1min` in ms (systemd.time(7), what our units use of it); undefined for anything else. */
export function spanMs(text: string | undefined): number | undefined {
  const [, count = '', of = ''] = /^(\d+)(ms|s|min)?$/.exec(text ?? '') ?? [];
  if (count === '') return undefined;
  return Number(count) * (of === 'ms' ? 1 : of === 'min' ? 60_000 : 1000);
}

/** NAME=VALUE lines as systemd reads an EnvironmentFile, and sh a file that it sources: comments, quotes around a value. */
export function readEnvironment(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^\s*([A-Za-z_]\w*)=(["']?)(.*?)\2\s*$/gm)].map(([, name = '', , value = '']) => [name, value]),
  );
}

/**
 * One of a unit's commands (`ExecStart`, `ExecStop`) as systemd would run it, for a board without it: as the unit's user,
 * with its capabilities and no other. `environment`: what the unit's EnvironmentFile says.
 */
export function commandOf(
  unit: Unit,
  environment: Readonly<Record<string, string>>,
  { key = 'ExecStart', guarded = false }: { readonly key?: string; readonly guarded?: boolean } = {},
): string[] {
  const capabilities = unit
    .words('Service', 'AmbientCapabilities')
    .map((name) => name.replace('CAP_', '').toLowerCase());
  const sets = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  const user = unit.one('Service', 'User') ?? 'root';
  const [command = ''] = unit.all('Service', key);
  const words = command
    .split(' ')
    .map((word) => word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? ''));
  return [
    'setpriv',
    ...[`--reuid=${user}`, `--regid=${unit.one('Service', 'Group') ?? user}`, '--init-groups', '--no-new-privs'],
    ...[`--bounding-set=${sets}`, `--inh-caps=${sets}`, `--ambient-caps=${sets}`],
    // Who looks after it must not leave it behind: two of a kind on a board would be in each other's way.
    ...(guarded ? ['--pdeathsig=KILL'] : []),
    '--',
    ...words,
  ];
}
