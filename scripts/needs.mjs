/**
 * What SOFTSET needs from Debian, and for what. `library` and `command` say how we know that it is there already:
 * by the thing itself and not by the package, so that another distribution, or one's own build, serves as well.
 * `optional` things are skipped by name where they cannot be had. `service` names what Debian would start at the
 * next boot: a machine that ran our tests must not serve web pages because of it.
 *
 * purposes: runtime = the daemons; check = npm run check; lab = the chassis and the demonstration; test = all tests;
 * bench = the benchmarks; model = npm run model.
 */
export const needs = [
  {
    package: 'libnftables1',
    library: 'libnftables.so.1',
    for: ['runtime', 'lab', 'test', 'bench'],
    why: 'leases are kept in nftables',
  },
  { package: 'iproute2', command: 'ip', for: ['lab', 'test', 'bench'], why: 'the lab builds network namespaces' },
  {
    package: 'iputils-ping',
    command: 'ping',
    for: ['lab', 'test'],
    why: 'boards and the client outside ask whether they reach one another',
  },
  {
    package: 'nginx-light',
    command: 'nginx',
    for: ['lab', 'test'],
    optional: true,
    service: 'nginx',
    why: 'a real service to move between boards',
  },
  {
    package: 'snmpd',
    command: 'snmpd',
    for: ['test'],
    service: 'snmpd',
    why: "the SNMP agents of the lab's switches",
  },
  { package: 'snmp', command: 'snmpwalk', for: ['test'], why: 'to look at those agents' },
  {
    package: 'dbus-daemon',
    command: 'dbus-daemon',
    for: ['test'],
    optional: true,
    why: 'a daemon that speaks sd_notify(3)',
  },
  {
    package: 'isc-dhcp-client',
    command: 'dhclient',
    for: ['test'],
    why: 'a client that gets its address by its switch port',
  },
  { package: 'udhcpc', command: 'udhcpc', for: ['test'], why: 'another such client' },
  { package: 'dhcpcd-base', command: 'dhcpcd', for: ['test'], why: 'a third such client' },
  {
    package: 'kea-admin',
    command: 'perfdhcp',
    for: ['bench'],
    optional: true,
    why: 'asks for addresses as fast as servers give them',
  },
  {
    package: 'kea-dhcp4-server',
    command: 'kea-dhcp4',
    for: ['bench'],
    optional: true,
    service: 'kea-dhcp4-server',
    why: 'a server that the benchmark compares geoDHCP with',
  },
  {
    package: 'dnsmasq-base',
    command: 'dnsmasq',
    for: ['bench'],
    optional: true,
    why: 'another such server',
  },
  {
    package: 'nftables',
    command: 'nft',
    for: ['test', 'bench'],
    optional: true,
    service: 'nftables',
    why: 'to look at the leases by hand',
  },
  {
    package: 'smitools',
    command: 'smilint',
    for: ['check', 'test'],
    optional: true,
    why: 'MIBs are checked by smilint',
  },
  {
    package: 'snmp',
    command: 'snmpwalk',
    for: ['check', 'test', 'bench'],
    optional: true,
    why: "the operator's tools; brings NET-SNMP-MIB, which ours hangs from",
  },
  {
    package: 'snmpd',
    command: 'snmpd',
    for: ['test', 'bench'],
    optional: true,
    service: 'snmpd',
    why: 'the master agent in front of SNMP/ag',
  },
  {
    package: 'snmptrapd',
    command: 'snmptrapd',
    for: ['test'],
    optional: true,
    service: 'snmptrapd.socket',
    why: 'a real receiver of notifications',
  },
  {
    package: 'spin',
    command: 'spin',
    for: ['check', 'test', 'model'],
    optional: true,
    why: 'the rules of terms and leases are model-checked by spin',
  },
  {
    package: 'gcc',
    command: 'gcc',
    for: ['check', 'test', 'model'],
    optional: true,
    why: "spin's verifiers are C programs",
  },
  {
    package: 'libc6-dev',
    library: 'crt1.o',
    for: ['check', 'test', 'model'],
    optional: true,
    why: "spin's verifiers are C programs",
  },
  {
    package: 'keepalived',
    command: 'keepalived',
    for: ['bench'],
    optional: true,
    service: 'keepalived',
    why: 'the peer that the benchmark compares with',
  },
  {
    package: 'runit',
    command: 'runsv',
    for: ['bench'],
    optional: true,
    why: 'a supervisor that the benchmark compares psrmd with',
  },
  {
    package: 's6',
    command: 's6-supervise',
    for: ['bench'],
    optional: true,
    why: 'a supervisor that the benchmark compares psrmd with',
  },
];
