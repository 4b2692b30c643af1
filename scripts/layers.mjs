/**
 * Who may stand on whom. Imports run downward only; biome.json refuses a single import, with its reason, and
 * import-rules.mjs holds package.json and the project references to the same table.
 */
const daemon = ['base', 'protocol', 'linux', 'runtime', 'client'];
const daemons = ['netrack', 'psrm', 'redirect', 'snmpag', 'geodhcp'];

export const layers = {
  base: [],
  protocol: ['base'],
  linux: ['base'],
  client: ['base', 'protocol'],
  runtime: ['base', 'protocol', 'linux'],
  ...Object.fromEntries(daemons.map((name) => [name, daemon])),
  lab: ['base', 'protocol', 'linux', 'runtime', 'client'],
  sim: ['base', 'protocol', ...daemons],
  cli: ['base', 'protocol', 'runtime', 'client', 'lab', 'sim'],
};

/** Packages whose whole `src` compiles without Node's types; a `core` folder anywhere does so too. */
export const pure = ['base', 'protocol'];
