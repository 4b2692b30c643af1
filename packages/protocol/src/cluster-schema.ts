import { z } from 'zod';
import { escalationSchema } from './escalation-schema.js';
import { geoDhcpSchema } from './geodhcp-schema.js';
import { name } from './name-schema.js';
import { programSchema } from './program-schema.js';
import { serviceSchema } from './service-schema.js';
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

const switchPort = z
  .strictObject({
    agent: name.describe("The switch's agent, one of snmp.agents, by a community or user that may SET ifAdminStatus"),
    port: z.string().min(1).max(255).describe("The port's ifName, or its ifDescr, as the switch has it"),
  })
  .describe('A port of a switch');

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
    power: z
      .strictObject({
        off: z
          .array(z.string().min(1))
          .min(1)
          .describe(
            'Absolute path and arguments, without a shell; ends with 0 once the board has no power, and only then',
          ),
        timeoutMs: z.int().min(10).max(120_000).default(10_000).describe('How long that may take, in ms'),
      })
      .optional()
      .describe('How others take its power away, for services with fencing: power'),
    switchPorts: z
      .strictObject({
        A: switchPort.describe('Where its device on network A is plugged in'),
        B: switchPort.describe('Where its device on network B is plugged in'),
        timeoutMs: z
          .int()
          .min(100)
          .max(120_000)
          .default(10_000)
          .describe('How long it may take to put both down and to see them down, in ms'),
      })
      .optional()
      .describe('How others cut it off, for services with fencing: switch-port'),
    capacity: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .describe('Sum of the weights of services that it can hold; without it nothing is refused for load'),
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
    routers: z
      .record(
        name,
        z
          .strictObject({
            tell: z
              .array(z.string().min(1))
              .min(1)
              .describe(
                'Absolute path and arguments, without a shell; SERVICE, ADDRESSES, BOARD, VIA_A, VIA_B and TERM are added to it. Idempotent; ends with 0 once the router knows, and refuses a TERM below one that it saw',
              ),
            timeoutMs: z.int().min(10).max(60_000).default(5000).describe('How long that may take, in ms'),
          })
          .describe('A router that runs no NETRACK, and hears of nothing by ARP: it is told by a command'),
      )
      .default({})
      .describe(
        'Routers that are told by a command where each service is, at each move and after each change of director',
      ),
    services: z.record(name, serviceSchema).default({}),
    programs: z.record(name, programSchema).default({}),
    escalation: escalationSchema.optional(),
    geodhcp: geoDhcpSchema.optional(),
    snmp: snmpSchema.optional(),
  })
  .describe('SOFTSET cluster file');

export type ClusterFile = z.output<typeof clusterFileSchema>;
