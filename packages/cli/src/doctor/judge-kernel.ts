import { NETWORKS } from '@softset/protocol';
import type { Clock, Facts } from './facts.js';
import { type Finding, fault, warning } from './finding.js';
import { firewallFindings } from './judge-firewall.js';

/** Clock, firewall, and what the kernel allows and is set to. */
export function kernelFindings(facts: Facts): Finding[] {
  const { clock, leases, realTime } = facts;
  const findings = [...clockFindings(clock), ...firewallFindings(facts), ...settingFindings(facts)];
  if (leases !== undefined && leases !== '')
    findings.push(
      fault(
        'NO_NFTABLES',
        `the kernel makes no table of leases: ${leases}`,
        'a kernel with nf_tables, its netdev family and sets with timeouts; as root: modprobe nf_tables',
      ),
    );
  if (realTime === false)
    findings.push(
      warning(
        'NO_REAL_TIME',
        'no real-time priority is granted here',
        'as root, or with CAP_SYS_NICE; in a container or under cgroup v1: give its group cpu.rt_runtime_us. Until then beats of 50 ms (timing in the cluster file)',
      ),
    );
  return findings;
}

function clockFindings({ nowMs, builtMs, keptBy }: Clock): Finding[] {
  if (nowMs < builtMs) {
    const found = `the clock shows ${new Date(nowMs).toISOString().slice(0, 16)}, before this software was made`;
    return [
      fault(
        'CLOCK_WRONG',
        found,
        'set it (timedatectl, chronyc makestep); the order of events does not hang on it, what people read does',
      ),
    ];
  }
  if (keptBy !== undefined) return [];
  return [
    warning(
      'CLOCK_UNKEPT',
      'nothing keeps the clock',
      'apt install chrony, or systemctl enable --now systemd-timesyncd',
    ),
  ];
}

const wanted = {
  arp_ignore: {
    good: (value: number) => value >= 1,
    should: 1,
    why: 'the board answers on one network for an address of the other: a dead link looks alive',
  },
  arp_announce: { good: (value: number) => value === 2, should: 2, why: 'it asks with addresses of the other network' },
  rp_filter: {
    good: (value: number) => value !== 1,
    should: 2,
    why: 'what comes by the other network while one is down is thrown away',
  },
} as const;

function settingFindings({ settings, devices }: Facts): Finding[] {
  return (Object.entries(wanted) as [keyof typeof wanted, (typeof wanted)[keyof typeof wanted]][]).flatMap(
    ([key, { good, should, why }]) => {
      const bad = NETWORKS.flatMap((network) => devices[network]?.name ?? []).filter((device) => {
        const value = settings[`${device}.${key}`];
        return value !== undefined && !good(value);
      });
      if (bad.length === 0) return [];
      const found = `${key} is ${bad.map((device) => `${settings[`${device}.${key}`]} on ${device}`).join(', ')}: ${why}`;
      return [
        fault(
          key.toUpperCase(),
          found,
          `sysctl -w net.ipv4.conf.all.${key}=${should} (/usr/lib/sysctl.d/60-softset.conf; what undoes it?)`,
        ),
      ];
    },
  );
}
