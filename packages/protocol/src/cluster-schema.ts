import { z } from 'zod';
import { escalationSchema } from './escalation-schema.js';
import { geoDhcpSchema } from './geodhcp-schema.js';
import { name } from './name-schema.js';
import { programSchema } from './program-schema.js';
import { snmpSchema } from './snmp-schema.js';

/**
 * The cluster file, as an operator writes it (YAML). One `strictObject` for each part, so that an unknown field is
 * refused by name; what a field means, its unit and its default stand beside it and go into the generated JSON schema
 * and the man page. Checks that need more than one field are in `cluster-check.ts`.
 */
const device = z
  .string()
  .regex(/^[^\s/]{1,15}$/, 'must be a network device name of at most 15 characters')
  .describe('Name of a network device, such as eth0, bond0 or eth0.100');

const networkSchema = z
  .strictObject({
    subnet: z.string().describe('Private prefix of this network, such as 10.1.0.0/16 (002 ¶0047)'),
    device: device.describe("Device on this network, unless a board's own entry says otherwise"),
    multicast: z
      .string()
      .optional()
      .describe('Multicast group for beats; without one, beats go by unicast to each board'),
  })
  .describe('One of the two networks');

const boardSchema = z
  .strictObject({
    id: z.int().min(1).max(64).describe('Number of the board, unique in the cluster: its bit in the bitmaps'),
    role: z
      .enum(['control', 'io', 'router', 'node'])
      .default('node')
      .describe('What the board is for; a router takes host routes to public addresses (002 ¶0047)'),
    A: z.string().describe('Private address on network A'),
    B: z.string().describe('Private address on network B'),
    deviceA: device.optional().describe('Device on network A, where it differs from the network entry'),
    deviceB: device.optional().describe('Device on network B, where it differs from the network entry'),
    vote: z.boolean().default(false).describe('Whether the board has a voice in elections; an odd few should'),
    disk: z.boolean().default(true).describe('Whether its state directory survives a reboot; without, it cannot vote'),
  })
  .describe('A board: anything with a link to both networks that runs NETRACK');

const timingSchema = z
  .strictObject({
    intervalMs: z.number().min(2).max(1000).default(10).describe('Time between beats, in ms'),
    leaseMs: z
      .number()
      .min(20)
      .max(60_000)
      .default(250)
      .describe(
        'How long a board may answer for a public address after the last proof that a director hears it, in ms',
      ),
    proofMs: z
      .number()
      .min(5)
      .max(10_000)
      .default(50)
      .describe('How old the answers of a majority may be before a director stops echoing, in ms'),
  })
  .describe('Timing, the same on all boards');

const serviceSchema = z
  .strictObject({
    addresses: z
      .array(z.string())
      .min(1)
      .max(16)
      .describe('Public addresses with prefix length, such as 192.168.1.1/32 or 2001:db8::1/128 (002 ¶0047)'),
    pool: z.array(name).min(1).describe('Boards that can hold it, the preferred first'),
    redundancy: z.enum(['2n']).default('2n').describe('2n: one active board, the others of the pool stand by'),
    programs: z.array(name).default([]).describe('Programs that must run where the addresses are'),
    takeover: z
      .enum(['fast', 'strict'])
      .default('fast')
      .describe('fast: also when no board reaches the holder any more; strict: only on confirmation or expired lease'),
    announce: z
      .array(z.enum(['arp', 'route']))
      .min(1)
      .default(['arp', 'route'])
      .describe('arp: on the shared segment by gratuitous ARP or NA; route: as a host route on routers and boards'),
    failback: z.enum(['manual']).default('manual').describe('manual: nothing moves back by itself'),
  })
  .describe('What must stay reachable');

export const clusterFileSchema = z
  .strictObject({
    version: z.literal(1).describe('Version of this file format'),
    cluster: z
      .strictObject({
        name: name.describe('Name of the cluster'),
        number: z.int().min(1).max(0xffffffff).describe("The cluster's own number; foreign beats are told by it"),
        keyFile: z.string().describe('File with the shared key (64 hexadecimal digits), mode 0600, beside this file'),
        oldKeyFile: z.string().optional().describe('A second key that is still accepted while keys are rotated'),
        splitBrain: z
          .literal('accepted')
          .optional()
          .describe('Only for two voting boards without a witness: after a cut both or neither may serve'),
      })
      .describe('The cluster as a whole'),
    timing: timingSchema.prefault({}),
    ports: z
      .strictObject({
        beat: z.int().min(1).max(65535).default(7413).describe('UDP port of beats'),
        relay: z.int().min(1).max(65535).default(7414).describe('UDP port of the relay between boards'),
        alert: z.int().min(1).max(65535).default(7415).describe('UDP port of beats that bring bad news, read at once'),
      })
      .prefault({})
      .describe('Ports on private addresses, the same on all boards'),
    networks: z
      .strictObject({ A: networkSchema, B: networkSchema })
      .describe('The two networks, with no link between them'),
    boards: z.record(name, boardSchema),
    gateway: name.optional().describe('Board (a router) that is the way to the outside, for answers of services'),
    outside: z
      .array(z.string())
      .default([])
      .describe('Prefixes reached through the gateway; NETRACK keeps their routes on the network that works'),
    services: z.record(name, serviceSchema).default({}),
    programs: z.record(name, programSchema).default({}),
    escalation: escalationSchema.optional(),
    geodhcp: geoDhcpSchema.optional(),
    snmp: snmpSchema.optional(),
  })
  .describe('SOFTSET cluster file');

export type ClusterFile = z.output<typeof clusterFileSchema>;
