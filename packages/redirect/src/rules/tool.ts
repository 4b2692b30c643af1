import { checkVerb, testVerb } from './tool-check.js';
import { graphVerb } from './tool-graph.js';
import { measureVerb } from './tool-measure.js';
import { readToolOptions, TOOL_USAGE, type ToolOptions } from './tool-options.js';
import { replayVerb } from './tool-replay.js';
import { print, refuse, say } from './tool-say.js';
import { simulateVerb } from './tool-simulate.js';
import { journalVerb, whyVerb } from './tool-why.js';

/** `redirect-rules`: what `softset rules` runs. It needs no daemon, but for `simulate --run-dir`. */
const verbs: Readonly<Record<string, (options: ToolOptions) => Promise<number> | number>> = {
  check: checkVerb,
  test: testVerb,
  simulate: simulateVerb,
  replay: replayVerb,
  graph: graphVerb,
  why: whyVerb,
  journal: journalVerb,
  measure: measureVerb,
};

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.length === 0) {
    print(TOOL_USAGE);
    return args.length === 0 ? 100 : 0;
  }
  const options = readToolOptions(args);
  if (!options.ok) return refuse(options);
  const verb = Object.hasOwn(verbs, options.value.verb) ? verbs[options.value.verb] : undefined;
  if (verb === undefined) {
    return refuse({
      code: 'USAGE',
      message: `no verb "${options.value.verb}"; there are ${Object.keys(verbs).join(', ')}`,
    });
  }
  return verb(options.value);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that leaves early is no fault of ours.
  if (error.code !== 'EPIPE') throw error;
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 70;
}
