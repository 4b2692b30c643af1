import { z } from 'zod';
import { name } from './name-schema.js';
import { orderSchema } from './order-schema.js';
import { probeAddress, probePort, probeSchema } from './probe-schema.js';
import { troubleSchema } from './trouble-schema.js';

/** Signals that an end can be told by, without SIG; OOM is a KILL by the kernel for want of memory. */
const endNames = [
  ...['OOM', 'HUP', 'INT', 'QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'KILL', 'USR1', 'SEGV', 'USR2', 'PIPE'],
  ...['ALRM', 'TERM', 'XCPU', 'XFSZ', 'SYS'],
] as const;
const end = z.union([
  z.int().min(0).max(255).describe('An exit code'),
  z.enum(endNames).describe('A signal, without SIG; OOM: killed for want of memory'),
]);

const exitsSchema = z
  .strictObject({
    normal: z.array(end).default([0]).describe('Ends that `transient` and `temporary` take for normal'),
    final: z
      .array(end)
      .default([])
      .describe('Ends after which it is never restarted here, whatever `restart` says: given up at once (002 ¶0030)'),
    again: z
      .array(end)
      .default([])
      .describe('Ends after which it is restarted, whatever `restart` says; `giveUp` still bounds it'),
  })
  .describe('What follows from how it ends of its own accord: exit codes 0 to 255, and signals by name without SIG');

const pauseSchema = z
  .strictObject({
    minMs: z.number().min(1).default(50).describe('Pause before the third restart in a row, doubled each time, in ms'),
    maxMs: z.number().min(1).default(1000).describe('No pause is longer, in ms'),
    quietMs: z.number().min(0).default(10_000).describe('Having run so long, the next death is a first one, in ms'),
  })
  .describe('How repeated restarts are slowed; the first two are at once');

const readySchema = z
  .strictObject({
    by: z
      .enum(['probe', 'notify', 'port', 'delay'])
      .default('probe')
      .describe('probe: its first answer; notify: READY=1 (sd_notify(3)); port: it accepts; delay: a time has passed'),
    port: z
      .strictObject({ port: probePort, address: probeAddress })
      .optional()
      .describe('The TCP port, for `by: port`'),
    delayMs: z.number().min(0).optional().describe('The time, for `by: delay`, in ms'),
    timeoutMs: z
      .number()
      .min(0)
      .default(0)
      .describe('Not ready after this it counts as hung; 0: it may take for ever; EXTEND_TIMEOUT_USEC moves it, in ms'),
  })
  .describe('When a program that runs is ready; without this entry by its probe');

const notifySchema = z
  .strictObject({
    from: z
      .enum(['main', 'all'])
      .default('main')
      .describe('Whose messages count: main, its first process (or MAINPID); all, whatever belongs to it'),
    watchdogMs: z
      .number()
      .min(0)
      .default(0)
      .describe('Once ready, it must say WATCHDOG=1 so often or counts as hung; 0: never, in ms'),
  })
  .describe('It speaks sd_notify(3): NOTIFY_SOCKET, and WATCHDOG_USEC with a watchdog, are in its environment');

const stopSchema = z
  .strictObject({
    signal: z
      .enum(['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'KILL'])
      .default('TERM')
      .describe('Signal that asks it to end'),
    timeoutMs: z.number().min(0).default(3000).describe('Time between that signal and KILL, in ms'),
    dump: z
      .strictObject({
        command: z
          .array(z.string())
          .min(1)
          .describe('Program and arguments; an absolute path, no shell. SOFTSET_PID in its environment is the program'),
        timeoutMs: z.number().min(0).default(2000).describe('Time it may take before it is killed, in ms'),
      })
      .optional()
      .describe('Run before a hung program is stopped, to save what it was doing'),
  })
  .describe('How it is stopped');

const hangSchema = z
  .strictObject({
    action: z
      .enum(['restart', 'move', 'nothing'])
      .default('restart')
      .describe(
        'restart: ended for real and started again, which counts as a death; move: ended for real and given up, so that REDIRECT starts its equivalent elsewhere; nothing: it is in trouble and that is told, until it answers again',
      ),
  })
  .describe(
    'What follows when it does not respond: `fall` probes missed, no WATCHDOG=1, or not ready in time (002 ¶0029, failure 2)',
  );

const limitsSchema = z
  .strictObject({
    memoryBytes: z.int().min(65_536).optional().describe('Memory: by cgroup, else address space (RLIMIT_AS), in bytes'),
    cpuPercent: z.number().min(1).optional().describe('Processor time, in percent of one core; needs cgroups'),
    files: z.int().min(8).optional().describe('Open file descriptors (RLIMIT_NOFILE)'),
    coreBytes: z.int().min(0).optional().describe('Size of a core dump (RLIMIT_CORE), in bytes; 0: none'),
    processes: z.int().min(1).optional().describe('Processes and threads of its user (RLIMIT_NPROC)'),
  })
  .describe('What it may use; what is not named is as psrmd has it');

const account = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$|^\d{1,10}$/, 'must be a name or a number');

const runAsSchema = z
  .strictObject({
    user: account.optional().describe('User, by name or number; needs root. Default: as psrmd'),
    group: account.optional().describe("Group, by name or number. Default: the user's own"),
    groups: z.array(account).optional().describe("Supplementary groups. Default: those of the user's name"),
    umask: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be three octal digits')
      .optional()
      .describe('File mode creation mask, octal, such as "027"'),
    capabilities: z
      .array(z.string().regex(/^[a-z_]{3,32}$/, 'must be a capability in lower case without cap_'))
      .optional()
      .describe('Capabilities kept, such as net_bind_service (capabilities(7)); all others are dropped for good'),
    nice: z.int().min(-20).max(19).optional().describe('Nice value; below 0 needs CAP_SYS_NICE'),
    realTime: z.int().min(1).max(99).optional().describe('Priority under SCHED_RR; needs CAP_SYS_NICE'),
    cpus: z
      .string()
      .regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'must be a list such as 0,2-3')
      .optional()
      .describe('Processors that it may run on, such as 0,2-3'),
  })
  .describe('As whom and how it runs');

const roleSchema = z
  .strictObject({
    hook: z
      .array(z.string())
      .min(1)
      .describe(
        'Program and arguments; an absolute path, no shell. SOFTSET_ROLE, SOFTSET_SERVICE, SOFTSET_PID say what',
      ),
    timeoutMs: z.number().min(0).default(2000).describe('Time it may take before it is killed, in ms'),
  })
  .describe(
    'Run when its role on this board changes (active: it is to serve; standby) and it runs. SOFTSET_ROLE is in its own environment as well, as it was at its start',
  );

const logSchema = z
  .strictObject({
    bytesMax: z.int().min(4096).default(1_048_576).describe('The log is put aside as NAME.log.1 beyond this, in bytes'),
  })
  .describe('What it writes to standard output and error; twice `bytesMax` at most is kept, and a second of writing');

export const programSchema = z
  .strictObject({
    command: z.array(z.string()).min(1).describe('Program and arguments; an absolute path, no shell'),
    environment: z.record(z.string(), z.string()).default({}).describe('Variables added to its environment'),
    directory: z.string().default('/').describe('Working directory'),
    exclusive: z
      .enum(['program', 'address'])
      .default('program')
      .describe(
        'program: never two running copies; address: every board of the pool keeps one running, and only the holder of the address is reached',
      ),
    restart: z
      .enum(['permanent', 'transient', 'temporary'])
      .default('permanent')
      .describe('permanent: always; transient: unless it ended normally; temporary: never'),
    exits: exitsSchema.prefault({}),
    giveUp: z
      .strictObject({
        deaths: z.int().min(1).default(3).describe('Deaths in the window after which it is not restarted here'),
        withinMs: z.number().min(100).default(10_000).describe('The window, in ms'),
      })
      .prefault({})
      .describe('When to stop restarting here and ask another board (002 ¶0030)'),
    pause: pauseSchema.prefault({}),
    ready: readySchema.optional(),
    notify: notifySchema.optional(),
    probe: probeSchema.optional(),
    hang: hangSchema.optional(),
    trouble: troubleSchema.optional(),
    stop: stopSchema.prefault({}),
    pidFile: z
      .string()
      .regex(/^\//, 'must be an absolute path')
      .optional()
      .describe('It goes into the background by itself and writes its pid there: that process is the program'),
    limits: limitsSchema.optional(),
    run: runAsSchema.optional(),
    ...orderSchema,
    role: roleSchema.optional(),
    log: logSchema.prefault({}),
    boards: z.array(name).optional().describe('Boards that run it for its own sake, without a service'),
  })
  .describe('A program that PSRM wraps (002 ¶0028)');
