import { z } from 'zod';
import { name } from './name-schema.js';

/** The cluster file's `snmp` section: who may look, who may SET, who is told, and which agents stand behind (002 ¶0044). */
const communityFile = z
  .string()
  .min(1)
  .describe('File beside this one, mode 0600, with a community: never in this file');
const passwordFile = z
  .string()
  .min(1)
  .describe('File beside this one, mode 0600: the passphrase, and in a second line that for privacy');
const level = z
  .enum(['authPriv', 'authNoPriv'])
  .default('authPriv')
  .describe('authPriv: authentication and encryption; authNoPriv: read by whoever listens');

const userSchema = z
  .strictObject({
    access: z
      .enum(['read-only', 'read-write', 'signed'])
      .default('read-only')
      .describe('Whether it may SET; signed: in the context by:USER alone, so that the journal has the name'),
    level,
    passwordFile,
  })
  .describe('An SNMPv3 user, by SHA-256 and AES');

const communitySchema = z
  .strictObject({
    file: communityFile,
    access: z.enum(['read-only', 'read-write']).default('read-only').describe('Whether it may SET'),
    from: z.string().describe('Prefix from which it is accepted, such as 10.0.0.0/8'),
    context: name.optional().describe("The agent whose own tables it shows; without it the system's"),
  })
  .describe('A community for v2c, which anybody on the way can read');

const targetSchema = z
  .strictObject({
    address: z
      .string()
      .regex(/^[0-9A-Za-z.:[\]-]+$/, 'must be an address with its port, such as 10.1.1.50:162')
      .describe('Where notifications go'),
    user: name.optional().describe('The SNMPv3 user that they are sent by'),
    communityFile: communityFile.optional(),
    inform: z.boolean().default(false).describe('Whether it is asked for an answer, and sent again without'),
  })
  .describe('A receiver of notifications');

const factSchema = z
  .strictObject({
    oid: z
      .string()
      .regex(/^[0-2](\.(0|[1-9][0-9]{0,9})){2,127}$/, 'must be an instance such as 1.3.6.1.2.1.2.2.1.8.3')
      .describe('The instance that is asked for'),
    everyMs: z.int().min(100).max(3_600_000).default(1000).describe('How often, in ms'),
    freshMs: z
      .int()
      .min(100)
      .max(86_400_000)
      .optional()
      .describe('Without a new answer for so long it is unknown (default three times everyMs), in ms'),
  })
  .describe('One value that rules may look at');

const notificationOid = z
  .string()
  .regex(/^[0-2](\.(0|[1-9][0-9]{0,9})){2,127}$/, 'must be an OID such as 1.3.6.1.6.3.1.1.5.1')
  .describe('The notification, by its OID');

const noticeSchema = z
  .strictObject({
    oid: notificationOid,
    clearedBy: notificationOid.optional().describe('The notification after which it is false'),
    freshMs: z
      .int()
      .min(100)
      .max(86_400_000)
      .default(60_000)
      .describe('How long it is believed after it was received; then it is unknown, in ms'),
  })
  .describe('A notification of the agent as a fact: true once received');

const agentSchema = z
  .strictObject({
    number: z
      .int()
      .min(65)
      .max(255)
      .optional()
      .describe('Of one that is no board: its place among the boards, whose numbers are 1 to 64'),
    addresses: z
      .array(z.string())
      .min(1)
      .max(2)
      .optional()
      .describe('Where it answers; without it at the private addresses of the board that is called so'),
    port: z.int().min(1).max(65535).default(161).describe('UDP port'),
    communityFile: communityFile.optional(),
    user: z
      .string()
      .regex(/^[!-~]{1,32}$/, 'must be 1 to 32 printable characters without space')
      .optional()
      .describe('The SNMPv3 user that it knows us by'),
    passwordFile: passwordFile.optional(),
    level,
    auth: z.enum(['sha512', 'sha256', 'sha', 'md5']).default('sha256').describe('Authentication of v3'),
    privacy: z.enum(['aes', 'des']).default('aes').describe('Encryption of v3'),
    timeoutMs: z
      .int()
      .min(50)
      .max(3000)
      .default(500)
      .describe('How long each of two tries on one way to it may take, in ms'),
    pollMs: z
      .int()
      .min(500)
      .max(3_600_000)
      .default(5000)
      .describe('How often its interfaces are read for the merged tables, in ms'),
    facts: z.record(name, factSchema).default({}).describe('Values that are polled and published as facts, by name'),
    notices: z
      .record(name, noticeSchema)
      .default({})
      .describe('Notifications that become facts, by name; linkDown and linkUp do without being named'),
    engineId: z
      .string()
      .regex(/^0x([0-9a-f]{2}){5,32}$/, 'must be 0x and 10 to 64 digits of 0-9a-f')
      .optional()
      .describe('Its SNMPv3 engine: needed to believe its v3 traps; informs need none (RFC 3414, section 3.1)'),
  })
  .describe("A board's or switch's own agent, relayed in a context of its name");

export const snmpSchema = z
  .strictObject({
    boards: z.array(name).min(1).optional().describe('Boards that run SNMP/ag; without it every control board'),
    listen: z
      .array(z.string().regex(/^(udp|udp6|tcp|tcp6):[^\s#"]+$/, 'must be an address of snmpd, such as udp:161'))
      .min(1)
      .default(['udp:161'])
      .describe('Where snmpd listens, as its agentAddress has it'),
    agentx: z
      .string()
      .regex(/^(unix:\/[^\s#"]{1,100}|tcp:127\.0\.0\.1:[0-9]{1,5})$/, 'must be unix:/PATH or tcp:127.0.0.1:PORT')
      .optional()
      .describe('Where snmpd and SNMP/ag meet; without it agentx.sock in the run directory'),
    users: z.record(name, userSchema).default({}).describe('SNMPv3 users; there are no others'),
    communities: z.array(communitySchema).default([]).describe('Communities for v2c; none without this'),
    targets: z.array(targetSchema).default([]).describe('Receivers of notifications'),
    traps: z
      .strictObject({
        listen: z
          .array(z.string().regex(/^(udp|udp6|tcp|tcp6):[^\s#"]+$/, 'must be an address such as udp:162'))
          .min(1)
          .default(['udp:162'])
          .describe('Where snmptrapd listens for notifications of the agents behind'),
        freshMs: z
          .int()
          .min(100)
          .max(86_400_000)
          .default(30_000)
          .describe('How long a linkDown or linkUp is believed where the agent is not read, in ms'),
      })
      .optional()
      .describe('Notifications from the agents behind become facts; without this nobody listens for them'),
    agents: z
      .record(name, agentSchema)
      .default({})
      .describe('Own agents of boards and switches, by name: of a board, or any other with a number'),
  })
  .describe('SNMP: who may look and who may SET, who is told, and whose agents stand behind (002 ¶0044)');
