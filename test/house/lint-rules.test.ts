import { expect } from 'chai';
import { emptyHouse, type Planted, tool } from './planted.js';

/** A file that must be refused, by which rule, and words of the reason that must be printed with it. */
interface Violation {
  readonly file: string;
  readonly text: string;
  readonly rule: string;
  readonly reason: string;
}

const bring = (module: string): string => `import { thing } from '${module}';\nexport const used = thing;\n`;
const imports = (folder: string, module: string, reason: string): Violation => ({
  file: `packages/${folder}`,
  text: bring(module),
  rule: 'lint/style/noRestrictedImports',
  reason,
});
const pure = (folder: string, expression: string, rule: string, reason: string): Violation => ({
  file: `packages/${folder}`,
  text: `export const value = () => ${expression};\n`,
  rule,
  reason,
});
const GLOBALS = 'lint/style/noRestrictedGlobals';

const refused: readonly Violation[] = [
  imports('base/src/a1.ts', 'node:fs', 'base stands at the bottom'),
  imports('base/src/a2.ts', '@softset/protocol', 'base stands at the bottom'),
  imports('base/src/a3.ts', 'zod', 'base stands at the bottom'),
  imports('protocol/src/a1.ts', 'node:crypto', 'protocol is pure'),
  imports('protocol/src/a2.ts', '@softset/linux/udp.js', 'protocol is pure'),
  imports('protocol/src/a3.ts', 'ws', 'protocol is pure'),
  imports('linux/src/a1.ts', '@softset/protocol', 'linux is the kernel'),
  imports('client/src/a1.ts', '@softset/runtime/log.js', 'client is for applications too'),
  imports('client/src/a2.ts', '@softset/linux', 'client is for applications too'),
  imports('runtime/src/a1.ts', '@softset/client', 'runtime stands on'),
  imports('netrack/src/a1.ts', '@softset/psrm/core/step.js', 'No daemon imports another'),
  imports('psrm/src/a1.ts', '@softset/redirect', 'No daemon imports another'),
  imports('redirect/src/a1.ts', '@softset/netrack/core/view.js', 'No daemon imports another'),
  imports('geodhcp/src/a1.ts', '@softset/netrack/core/view.js', 'No daemon imports another'),
  imports('geodhcp/src/adapters/a1.ts', '../core/step.js', 'Adapters never import step'),
  imports('geodhcp/src/core/a1.ts', 'net-snmp', 'A core imports base and protocol alone'),
  imports('snmpag/src/a1.ts', '@softset/netrack/core/rules.js', 'No daemon imports another'),
  imports('netrack/src/a2.ts', '@softset/lab', 'only tests and the command may import lab and sim'),
  imports('psrm/src/a2.ts', '@softset/sim/cluster.js', 'only tests and the command may import lab and sim'),
  imports('redirect/src/a2.ts', '@softset/cli', 'only tests and the command may import lab and sim'),
  imports('psrm/src/adapters/a1.ts', '../core/step.js', 'Adapters never import step'),
  imports('psrm/src/adapters/a2.ts', '@softset/netrack', 'No daemon imports another'),
  imports('snmpag/src/a2.ts', '@softset/lab', 'only tests and the command may import lab and sim'),
  imports('snmpag/src/adapters/a1.ts', '../core/step.js', 'Adapters never import step'),
  imports('lab/src/a1.ts', '@softset/netrack', 'The lab stands beside the product'),
  imports('sim/src/a1.ts', '@softset/lab', 'The simulator runs cores'),
  imports('sim/src/a2.ts', '@softset/netrack/adapters/udp.js', 'The simulator runs cores and nothing else'),
  imports('cli/src/a2.ts', '@softset/runtime/log.js', 'The command speaks to daemons over their control sockets'),
  imports('cli/src/a1.ts', '@softset/netrack', 'The command speaks to daemons over their control sockets'),
  imports('netrack/src/core/a1.ts', 'node:dgram', 'A core imports base and protocol alone'),
  imports('psrm/src/core/a1.ts', '@softset/runtime', 'A core imports base and protocol alone'),
  imports('redirect/src/core/a1.ts', 'zod', 'A core imports base and protocol alone'),
  imports('snmpag/src/core/a1.ts', 'node:net', 'A core imports base and protocol alone'),
  imports('psrm/src/core/deep/a1.ts', '../../adapters/spawn.js', 'A core never imports its shell'),
  imports('netrack/src/core/a2.ts', '../main.js', 'A core never imports its shell'),
  imports('psrm/test/unit/a1.ts', '../../src/core/step.js', 'A package is imported by its name'),
  imports('linux/src/a2.ts', '../../base/dist/index.js', 'A package is imported by its name'),
  pure('psrm/src/core/g1.ts', 'Date.now()', GLOBALS, 'time arrives as nowMs'),
  pure('protocol/src/g1.ts', "process.env['HOME']", GLOBALS, 'knows no process'),
  pure('base/src/g1.ts', 'setTimeout(() => 0, 1)', GLOBALS, 'return an effect that arms one'),
  pure('netrack/src/core/g2.ts', 'performance.now()', GLOBALS, 'time arrives as nowMs'),
  pure(
    'netrack/src/core/g3.ts',
    'Math.random()',
    'lint/nursery/noJsRestrictedProperties',
    'chance comes from a Random',
  ),
  {
    file: 'packages/psrm/src/b1.ts',
    text: 'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n',
    rule: 'lint/nursery/noFloatingPromises',
    reason: 'not properly handled',
  },
  {
    file: 'packages/psrm/src/b2.ts',
    text: 'export const value = (x: any) => x;\n',
    rule: 'lint/suspicious/noExplicitAny',
    reason: 'any',
  },
  {
    file: 'packages/psrm/src/b3.ts',
    text: '// @ts-ignore\nexport const value = 1;\n',
    rule: 'lint/suspicious/noTsIgnore',
    reason: 'ts-ignore',
  },
  {
    file: 'packages/psrm/src/b4.ts',
    text: bring('fs'),
    rule: 'lint/style/useNodejsImportProtocol',
    reason: 'node: protocol',
  },
  {
    file: 'packages/psrm/test/unit/b5.test.ts',
    text: "describe('a', () => {\n  it.skip('b', () => {});\n});\n",
    rule: 'lint/suspicious/noSkippedTests',
    reason: 'skip',
  },
  {
    file: 'packages/psrm/test/unit/b6.test.ts',
    text: "describe.only('a', () => {});\n",
    rule: 'lint/suspicious/noFocusedTests',
    reason: 'focus',
  },
];

/** What the layers allow, so that a rule that refuses everything is found out. */
const accepted: Readonly<Record<string, string>> = {
  'packages/base/src/ok.ts': bring('./result.js'),
  'packages/protocol/src/ok.ts': bring('@softset/base') + bring('zod').replaceAll(/thing|used/g, (word) => `${word}2`),
  'packages/linux/src/ok.ts': bring('@softset/base/address.js'),
  'packages/client/src/ok.ts': bring('@softset/protocol/json-rpc.js'),
  'packages/runtime/src/ok.ts': bring('@softset/linux/file-lock.js'),
  'packages/psrm/src/ok.ts': bring('@softset/client/control-client.js'),
  'packages/psrm/src/main.ts': bring('./core/step.js'),
  'packages/psrm/src/adapters/ok.ts': bring('node:child_process'),
  'packages/psrm/src/core/ok.ts': bring('@softset/protocol/control.js'),
  'packages/psrm/src/core/deep/ok.ts': bring('../step.js'),
  'packages/lab/src/ok.ts': bring('@softset/linux/rtnetlink.js'),
  'packages/sim/src/ok.ts': bring('@softset/netrack/core/step.js'),
  'packages/cli/src/ok.ts': bring('@softset/sim'),
  'packages/psrm/test/unit/ok.ts': bring('@softset/psrm/core/step.js'),
  'test/e2e/ok.ts': bring('@softset/lab'),
};

interface Diagnostic {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

describe('biome.json: a violation of each rule is refused, and the reason printed', function () {
  this.timeout(60_000);
  let house: Planted;
  let found: readonly Diagnostic[];
  let printed: string;

  before(() => {
    house = emptyHouse();
    house.plant(Object.fromEntries(refused.map(({ file, text }) => [file, text])));
    house.plant(accepted);
    const biome = 'node_modules/@biomejs/biome/bin/biome';
    const machine = tool(biome, ['lint', '--reporter=json', '--max-diagnostics=1000', '.'], house.folder).text;
    const json = machine.split('\n').find((line) => line.startsWith('{'));
    found = (JSON.parse(json ?? '{}') as { diagnostics: Diagnostic[] }).diagnostics;
    printed = tool(biome, ['ci', '--colors=off', '--max-diagnostics=1000', '.'], house.folder).text;
  });
  after(() => house.remove());

  for (const { file, rule, reason } of refused) {
    it(`${file}: ${rule.split('/').at(-1)}: ${reason}`, () => {
      const here = found.filter(({ location }) => location.path === file);
      expect(
        here.map(({ category }) => category),
        JSON.stringify(here),
      ).to.include(rule);
      // The machine's form leaves out the reasons that stand in an advice: people read the other.
      const blocks = printed.split(/\n(?=\S+:\d+:\d+ )/).filter((block) => block.startsWith(`${file}:`));
      expect(blocks.join('\n').replaceAll(/\s+/g, ' ')).to.include(reason);
    });
  }

  for (const file of Object.keys(accepted)) {
    it(`${file} is accepted`, () => {
      expect(found.filter(({ location }) => location.path === file)).to.deep.equal([]);
    });
  }
});
