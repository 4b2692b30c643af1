import { join } from 'node:path';
import { root } from './places.mjs';

/*
 * What the package holds beyond the daemons that scripts/bundle.mjs bundles: programs that may take their time to start,
 * each bundled as an ECMAScript module with what it stands on. Only koffi stays outside, for it is a binary.
 */

/** net-snmp, ws and yaml ask for Node's own modules by `require`. */
const withRequire =
  "import { createRequire as softsetRequire } from 'node:module'; const require = softsetRequire(import.meta.url);";

const programs = [
  { entry: 'packages/geodhcp/dist/main.js', to: 'packages/geodhcp/dist' },
  // A thread of geodhcpd's own.
  { entry: 'packages/geodhcp/dist/adapters/frame-reader.js', to: 'packages/geodhcp/dist' },
  { entry: 'packages/geodhcp/dist/enrol/join-main.js', to: 'packages/geodhcp/dist/enrol' },
  { entry: 'packages/snmpag/dist/main.js', to: 'packages/snmpag/dist' },
  { entry: 'packages/snmpag/dist/conf-main.js', to: 'packages/snmpag/dist' },
  { entry: 'packages/netrack/dist/in-use-main.js', to: 'packages/netrack/dist' },
  { entry: 'packages/redirect/dist/rules/tool.js', to: 'packages/redirect/dist/rules' },
  { entry: 'packages/redirect/dist/fence/main.js', to: 'packages/redirect/dist/fence' },
  { entry: 'packages/linux/dist/igmp-listen-main.js', to: 'packages/linux/dist' },
  { entry: 'packages/runtime/dist/init/main.js', to: 'packages/runtime/dist/init' },
  // Each verb loads what it needs: in files of their own.
  { entry: 'packages/cli/dist/main.js', to: 'packages/cli/dist', splitting: true },
];

/** Writes them below `stage`. Throws what esbuild complains of. */
export async function bundleForPackage(stage) {
  const { build } = await import('esbuild');
  for (const { entry, to, splitting = false } of programs) {
    await build({
      entryPoints: [join(root, entry)],
      outdir: join(stage, to),
      bundle: true,
      splitting,
      chunkNames: 'part-[name]-[hash]',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      charset: 'ascii',
      banner: { js: withRequire },
      external: ['koffi', 'utf-8-validate', 'bufferutil'],
      plugins: [withoutLaboratory],
      // Names in a bundle carry paths otherwise, and those differ from one build folder to another.
      absWorkingDir: root,
      logLevel: 'silent',
    });
  }
}

/** A board has no laboratory: lab, demonstration, simulator, soak and benchmarks want the repository around them. */
const withoutLaboratory = {
  name: 'without-laboratory',
  setup(build) {
    build.onLoad({ filter: /\/packages\/cli\/dist\/laboratory\.js$/ }, () => ({
      contents: 'export function laboratoryCommands() {}',
      loader: 'js',
    }));
  },
};
