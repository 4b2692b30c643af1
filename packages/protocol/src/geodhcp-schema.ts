import { parseIpv4 } from '@softset/base';
import { z } from 'zod';

/** The section `geodhcp` of the cluster file: which switch port has which address (002 ¶0052). */
const ipv4 = z
  .string()
  .refine((text) => parseIpv4(text).ok, 'must be an IPv4 address')
  .describe('An IPv4 address');
const hex = z.string().regex(/^([0-9a-fA-F]{2}){0,255}$/, 'must be pairs of hexadecimal digits, at most 255');
const portName = z.string().min(1).max(64);

const bootOptionsSchema = z
  .strictObject({
    routers: z.array(ipv4).max(8).optional().describe('Default gateways (option 3)'),
    dns: z.array(ipv4).max(8).optional().describe('Name servers (option 6)'),
    ntp: z.array(ipv4).max(8).optional().describe('Time servers (option 42)'),
    domain: z.string().min(1).max(253).optional().describe('Domain name (option 15)'),
    mtu: z.int().min(68).max(65535).optional().describe('MTU of the link, in bytes (option 26)'),
    nextServer: ipv4.optional().describe('Where diskless boards load their boot file from (002 ¶0012)'),
    tftpServer: z.string().min(1).max(255).optional().describe('The same by name (option 66)'),
    bootFile: z.string().min(1).max(127).optional().describe('Boot file (header field, and option 67 where asked for)'),
    bootFiles: z
      .record(z.string().regex(/^\d{1,5}$/, 'must be a number'), z.string().min(1).max(127))
      .optional()
      .describe(
        'Boot file by the architecture that the client tells (option 93): 0 BIOS, 7 UEFI x86-64, 11 UEFI arm64',
      ),
    broadcast: z
      .boolean()
      .optional()
      .describe('Answers go to everybody on the link, for clients that hear nothing else and forget to say so'),
    raw: z
      .record(z.string().regex(/^\d{1,3}$/, 'must be the number of an option'), hex)
      .optional()
      .describe('Further options by number, in hexadecimal; in place of ours where both are given'),
  })
  .describe('What is given beside the address');

const switchSchema = z
  .strictObject({
    network: z.enum(['A', 'B']).describe('Network that it carries'),
    address: ipv4.describe('Address of its SNMP agent'),
    udpPort: z.int().min(1).max(65535).default(161).describe('UDP port of its SNMP agent'),
    community: z.string().min(1).max(64).default('public').describe('SNMPv2c community that may read'),
    v3: z
      .strictObject({
        user: z.string().min(1).max(32).describe('User name'),
        auth: z.enum(['sha', 'sha256', 'sha512', 'md5']).default('sha256').describe('Authentication'),
        privacy: z.enum(['aes', 'des']).default('aes').describe('Encryption'),
        secretsFile: z
          .string()
          .optional()
          .describe(
            'File, mode 0600, beside this file: first line the authentication secret, second the encryption one',
          ),
      })
      .optional()
      .describe('SNMPv3 in place of the community'),
    profile: z
      .enum(['standard', 'cisco'])
      .default('standard')
      .describe('cisco: each VLAN has a forwarding table of its own, reached by community@vlan or the context vlan-N'),
    vlans: z.array(z.int().min(1).max(4094)).max(64).default([]).describe('VLANs to ask for with the profile cisco'),
    uplinks: z
      .record(portName, z.string())
      .default({})
      .describe("Ports to other switches: port name to the other switch's name, or '' where that one is not asked"),
    lldp: z.boolean().default(true).describe('Whether uplinks to our switches are also taken from LLDP-MIB'),
    options: bootOptionsSchema.optional().describe('Options for all its ports'),
  })
  .describe('A switch that is asked which MAC is on which port');

const entrySchema = z
  .strictObject({
    switch: z.string().describe('Name of the switch'),
    port: portName.describe('Port name (ifName); {1-24} stands for each number of the range in turn'),
    board: z
      .string()
      .optional()
      .describe("Board that is plugged in there: its address on the switch's network is given"),
    name: z.string().max(64).optional().describe('What is there, where it is no board of this file, such as slot-{}'),
    addresses: z
      .array(z.string())
      .min(1)
      .max(16)
      .optional()
      .describe(
        'Addresses in place of a board: one for each device that may be on the port at once. {} is the number of the range, {+100} that and 100',
      ),
    circuitId: z
      .string()
      .regex(/^[ -~]{1,255}$/, 'must be printable ASCII')
      .optional()
      .describe('What a relay says for this port (option 82): text, or 0x and hexadecimal'),
    options: bootOptionsSchema.optional().describe('Options for this port'),
  })
  .describe('One port, or a range of them');

export const geoDhcpSchema = z
  .strictObject({
    boards: z.array(z.string()).min(1).describe('Boards that run geodhcpd; of those, the director answers'),
    enrolPort: z
      .int()
      .min(1024)
      .max(65535)
      .optional()
      .describe(
        'TCP port, on the private addresses of these boards, at which a new board asks to join; absent: none may. 7420 is what softset enrol join tries',
      ),
    leaseSeconds: z
      .int()
      .min(10)
      .max(31_536_000)
      .default(600)
      .describe('How long an address is given for; the port is checked again at half of it'),
    lookupMs: z.int().min(50).max(10_000).default(800).describe('How long a look-up in the switches may take, in ms'),
    locationMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(1000)
      .describe('0 asks for each message. How long what the switches said is believed, in ms'),
    probeMs: z
      .int()
      .min(0)
      .max(2000)
      .default(300)
      .describe('0 does not ask. How long an address is listened for before it is given (RFC 5227), in ms'),
    quarantineSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(60)
      .describe('How long an address that a stranger uses is left alone before it is tried again'),
    relays: z.array(ipv4).default([]).describe('Relays whose option 82 is believed (giaddr, RFC 3046)'),
    switchesInsertCircuitId: z
      .boolean()
      .default(false)
      .describe('The switches themselves put option 82 in and drop what boards put in: it is believed without a relay'),
    options: bootOptionsSchema.optional().describe('Options for all ports'),
    networkOptions: z
      .strictObject({ A: bootOptionsSchema.optional(), B: bootOptionsSchema.optional() })
      .prefault({})
      .describe('Options for all ports of one network'),
    switches: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a name'), switchSchema),
    ports: z.array(entrySchema).describe('The port map: which port has which address'),
  })
  .describe('Addresses by switch port, by DHCP and RARP (002 ¶0052–0057)');

export type GeoDhcpFile = z.output<typeof geoDhcpSchema>;
