/** Names of keepalived's rows. */
export const keepalivedVariants = ['keepalived', 'keepalived-rt'] as const;
export type KeepalivedVariant = (typeof keepalivedVariants)[number];

/**
 * keepalived at its fastest (keepalived.conf(5)): VRRP 3 with its shortest interval, 10 ms, and top priorities, which
 * make its skew shortest (RFC 5798 §6.1). Both begin as backup and neither takes the address back, as with us. `-rt`
 * gives its VRRP process SCHED_RR.
 */
export function keepalivedConfig(board: string, priority: number, variant: KeepalivedVariant, address: string): string {
  return `global_defs {
  router_id ${board}
  vrrp_version 3
${variant === 'keepalived-rt' ? '  vrrp_rt_priority 50\n' : ''}}
vrrp_instance media {
  state BACKUP
  nopreempt
  interface a0
  virtual_router_id 51
  priority ${priority}
  advert_int 0.01
  virtual_ipaddress {
    ${address}/32 dev a0
  }
}
`;
}
