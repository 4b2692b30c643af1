import { z } from 'zod';
import { name } from './name-schema.js';

const services = (meaning: string) => z.array(name).max(64).default([]).describe(meaning);

/** A service, as an operator writes it; what needs more than one field is checked in `service-check.ts`. */
export const serviceSchema = z
  .strictObject({
    addresses: z
      .array(z.string())
      .min(1)
      .max(64)
      .describe('Public addresses with prefix length, such as 192.168.1.1/32 or 2001:db8::1/128 (002 ¶0047)'),
    mac: z
      .string()
      .optional()
      .describe(
        "MAC that moves along with its addresses, such as 02:5f:00:00:01:01: neighbours keep their entries, and switches learn its new port; of several instances the first has it, the others those that follow. Without: addresses stand on the boards' own devices",
      ),
    pool: z.array(name).min(1).describe('Boards that can hold it, the preferred first; of n+1 and n+m the spares last'),
    redundancy: z
      .enum(['2n', 'n+1', 'n+m', 'n-way', 'n-way-active'])
      .default('2n')
      .describe(
        '2n: one active board, the others stand by; n+1, n+m: instances with a board each, and one or more spares; n-way: instances share the pool by load; n-way-active: the same, and programs run on every board',
      ),
    instances: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe(
        'Of all but 2n: how many services NAME-1, NAME-2, … it makes, among which addresses are dealt in turn; without it one for each address',
      ),
    ranks: z
      .record(name, z.int().min(1).max(99))
      .optional()
      .describe(
        "Rank of each board of the pool, 1 the preferred, 99 where none is given; without any, 2n takes the pool's order, n+1 and n+m an instance's own board, then spares, and the others load alone",
      ),
    apart: services('Services that must not share a board with it, at any price'),
    together: services('Services that must be on the same board as it, and move along'),
    requires: services('Services that must be held before this one is given to a board'),
    weight: z.number().min(0).max(1_000_000).default(1).describe("What each instance takes of a board's capacity"),
    programs: z.array(name).default([]).describe('Programs that must run where the addresses are'),
    takeover: z
      .enum(['fast', 'strict'])
      .default('fast')
      .describe('fast: also when no board reaches the holder any more; strict: only on confirmation or expired lease'),
    fencing: z
      .enum(['none', 'power', 'switch-port'])
      .default('none')
      .describe(
        "power: a holder that is down is powered off by its board's power.off; switch-port: it is cut off at its board's switchPorts, by SNMP, and stays so until an operator puts them up again; a strict service then moves on nothing but a confirmation or that",
      ),
    announce: z
      .array(z.enum(['arp', 'route']))
      .min(1)
      .default(['arp', 'route'])
      .describe('arp: on the shared segment by gratuitous ARP or NA; route: as a host route on routers and boards'),
    failback: z
      .enum(['manual', 'auto', 'daily'])
      .default('manual')
      .describe(
        'manual: nothing moves back by itself; auto: to a board of better rank, or much less load, that has been well for failbackStableMs; daily: the same, in the ten minutes after failbackAt',
      ),
    failbackStableMs: z
      .int()
      .min(1000)
      .max(86_400_000)
      .default(60_000)
      .describe('How long a board must have been well before anything fails back to it, in ms'),
    failbackAt: z
      .string()
      .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time of day, such as 03:30')
      .optional()
      .describe("Time of day for failback: daily, by the director's own clock and time zone"),
  })
  .describe('What must stay reachable');

export type ServiceFile = z.output<typeof serviceSchema>;
