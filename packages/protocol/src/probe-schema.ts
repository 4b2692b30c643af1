import { z } from 'zod';

export const probePort = z.int().min(1).max(65535).describe('Port that the program listens on');
export const probeAddress = z.string().default('127.0.0.1').describe('Address that it listens on, on its own board');

/** Pauses between questions of a probe that names none, ms. */
export const usualProbeMs = 500;
/** For each program of a board that names none: 200 are asked every ten seconds, which costs a fifth of a percent of a core. */
export const probeShareMs = 50;

export const probeSchema = z
  .strictObject({
    udp: z
      .strictObject({
        port: probePort,
        address: probeAddress,
        send: z.string().default('softset-probe').describe('Payload of the question; any answer counts'),
      })
      .optional()
      .describe('A datagram that is answered'),
    tcp: z
      .strictObject({ port: probePort, address: probeAddress })
      .optional()
      .describe('A connection that is accepted counts as an answer'),
    http: z
      .strictObject({
        port: probePort,
        address: probeAddress,
        path: z.string().regex(/^\//, 'must begin with /').default('/').describe('What is asked for, by GET'),
        host: z.string().optional().describe('Host header; default: the address'),
        statusMin: z.int().min(100).max(599).default(200).describe('Lowest status that counts as an answer'),
        statusMax: z.int().min(100).max(599).default(399).describe('Highest status that counts as an answer'),
      })
      .optional()
      .describe('A GET whose status lies within bounds; redirections are not followed'),
    exec: z
      .strictObject({
        command: z
          .array(z.string())
          .min(1)
          .describe('Program and arguments; an absolute path, no shell. SOFTSET_PID in its environment is the program'),
      })
      .optional()
      .describe('A program of which exit 0 counts as an answer; it is killed after timeoutMs'),
    snmp: z
      .strictObject({
        port: probePort.default(161).describe('UDP port of its agent'),
        address: probeAddress,
        community: z
          .string()
          .regex(/^[\x20-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters')
          .default('public')
          .describe('Community; it stands here and on the wire in the clear, so give it no more than reading'),
        oid: z
          .string()
          .regex(
            /^\.?[0-2]\.([0-9]|[1-3][0-9])(\.\d{1,10}){0,62}$/,
            'must be an OID in numbers, such as 1.3.6.1.2.1.1.3.0',
          )
          .default('1.3.6.1.2.1.1.3.0')
          .describe('What is asked for; default: sysUpTime.0'),
      })
      .optional()
      .describe('A Get of SNMPv2c; an answer counts when it has a value and no error'),
    intervalMs: z
      .number()
      .min(10)
      .optional()
      .describe(
        'Time between questions (default: 500; where a board has more than ten that name none, 50 for each of them), in ms',
      ),
    retryMs: z
      .number()
      .min(10)
      .optional()
      .describe('The same once one was not answered (default: intervalMs; where that is not given, 500), in ms'),
    timeoutMs: z.number().min(5).default(250).describe('Time an answer may take, in ms'),
    fall: z.int().min(1).default(3).describe('Unanswered questions before the program counts as hung'),
    rise: z.int().min(1).default(1).describe('Answers in a row after which unanswered questions are forgotten'),
    graceMs: z.number().min(0).default(2000).describe('Time after start in which silence is no fault, in ms'),
  })
  .describe('How to see that a program answers (002 ¶0029, failure 2)');
