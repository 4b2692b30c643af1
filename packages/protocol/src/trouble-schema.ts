import { z } from 'zod';

function threshold(meaning: string) {
  return z
    .strictObject({
      warn: z.number().min(0).optional().describe('From here on the program is in trouble: told, nothing else'),
      act: z.number().min(0).optional().describe('From here on `trouble.action` is done'),
    })
    .optional()
    .describe(meaning);
}

function pattern(meaning: string) {
  return z
    .strictObject({
      warn: z.string().min(1).optional().describe('Regular expression: in trouble, told, nothing else'),
      act: z.string().min(1).optional().describe('Regular expression: `trouble.action` is done'),
    })
    .optional()
    .describe(meaning);
}

export const troubleSchema = z
  .strictObject({
    memoryBytes: threshold('Resident memory of the program with what it started, in bytes'),
    cpuPercent: threshold('Processor time, in percent of one core, over `everyMs`'),
    files: threshold('Open file descriptors'),
    threads: threshold('Threads'),
    probeMs: threshold('Time that the last answered probe took, in ms'),
    status: pattern('The last STATUS= that it told by sd_notify(3); needs `notify`'),
    log: pattern('A line that it wrote; counts for `logHoldMs`'),
    everyMs: z.number().min(50).default(1000).describe('Time between measurements, in ms'),
    times: z.int().min(1).default(3).describe('Measurements in a row before one is believed, for better or worse'),
    logHoldMs: z.number().min(0).default(60_000).describe('How long a line that matched counts, in ms'),
    action: z
      .enum(['nothing', 'restart', 'move'])
      .default('nothing')
      .describe(
        'What a passed `act` leads to. nothing: told; restart: stopped and started again, which counts as a death; move: stopped and given up, so that REDIRECT starts its equivalent elsewhere',
      ),
  })
  .describe('When a program that still answers is in trouble (002 ¶0029, failure 3)');
