import { NETWORKS, type Network } from '@softset/protocol';
import type { DeviceFact, Facts } from './facts.js';
import { type Finding, fault, warning } from './finding.js';

/** What Ethernet carries (RFC 894); messages between boards are cut to fit it. */
const MTU_MIN = 1500;

/** Devices, links, addresses, and who else has them. */
export function networkFindings(facts: Facts): Finding[] {
  const { devices } = facts;
  const findings = NETWORKS.flatMap((network) => {
    const device = devices[network];
    return device === undefined ? [] : deviceFindings(network, device, facts);
  });
  const crossed = [...new Set(NETWORKS.flatMap((network) => devices[network]?.crossed ?? []))];
  if (crossed.length > 0)
    findings.push(
      fault(
        'NETWORKS_JOINED',
        `an address that this board has on one network answers on the other, too (${crossed.join(', ')})`,
        'take away the link between the two switches or VLANs: what is joined fails together',
      ),
    );
  const { A, B } = devices;
  if (A?.there && B?.there && A.name === B.name)
    findings.push(
      fault(
        'ONE_DEVICE',
        `both networks are on ${A.name}`,
        'give each network a device of its own: one cable cannot stand in for itself',
      ),
    );
  else if (A?.there && B?.there && A.mac === B.mac && A.mac !== '')
    findings.push(
      warning(
        'ONE_MAC',
        `${A.name} and ${B.name} have one MAC, ${A.mac}`,
        'give each its own where both may meet one switch',
      ),
    );
  return findings;
}

function deviceFindings(network: Network, device: DeviceFact, facts: Facts): Finding[] {
  const { name, there, up, carrier } = device;
  if (!there) {
    const todo = `name the right one (ip -br link) in the cluster file: networks.${network}.device, or the board's device${network}`;
    return [fault('DEVICE_MISSING', `network ${network}: there is no device ${name}`, todo)];
  }
  if (!up)
    return [
      fault(
        'DEVICE_DOWN',
        `network ${network}: ${name} is switched off`,
        `ip link set ${name} up, and in the network's configuration`,
      ),
    ];
  const findings: Finding[] = [];
  if (!carrier)
    findings.push(
      fault(
        'NO_CARRIER',
        `network ${network}: ${name} has no carrier`,
        'look at the cable, the port at the switch, and the switch',
      ),
    );
  return [...findings, ...addressFindings(network, device, facts), ...frameFindings(network, device, facts)];
}

function addressFindings(network: Network, device: DeviceFact, { cluster, board, devices }: Facts): Finding[] {
  const own = cluster?.boards.find((one) => one.name === board);
  if (own === undefined) return [];
  const ip = own.addresses[network];
  const { name, claimed = [] } = device;
  const other = devices[network === 'A' ? 'B' : 'A'];
  const findings: Finding[] = [];
  if (!device.addresses.includes(ip)) {
    const elsewhere = other?.addresses.includes(ip)
      ? `; it is on ${other.name}, network ${network === 'A' ? 'B' : 'A'}`
      : '';
    const swapped = elsewhere === '' ? '' : ', and see whether the cables are swapped';
    findings.push(
      fault(
        'ADDRESS_MISSING',
        `network ${network}: ${ip} is not on ${name}${elsewhere}`,
        `ip address add ${ip}/… dev ${name}, and in the network's configuration${swapped}`,
      ),
    );
  }
  if (claimed.length > 0)
    findings.push(
      fault(
        'ADDRESS_CONFLICT',
        `network ${network}: ${ip} is used by ${claimed.join(', ')}, too`,
        'find that MAC at the switch (softset geodhcp locate MAC), and give it another address',
      ),
    );
  return findings;
}

function frameFindings(
  network: Network,
  { name, mtu, multicast, queriers }: DeviceFact,
  { cluster }: Facts,
): Finding[] {
  const findings: Finding[] = [];
  if (mtu < MTU_MIN)
    findings.push(
      fault(
        'MTU_SMALL',
        `network ${network}: ${name} carries ${mtu} bytes, not ${MTU_MIN}`,
        `ip link set ${name} mtu ${MTU_MIN}, the same on every board and switch`,
      ),
    );
  const group = cluster?.networks[network].multicast;
  if (group !== undefined && !multicast)
    findings.push(
      fault(
        'NO_MULTICAST',
        `network ${network}: ${name} takes no multicast, and beats go to ${group}`,
        `ip link set ${name} multicast on; or take multicast out of the cluster file: beats then go to each board`,
      ),
    );
  if (group !== undefined && queriers?.length === 0)
    findings.push(
      warning(
        'NO_QUERIER',
        `network ${network}: no IGMP querier was heard on ${name}, and beats go to ${group}`,
        'turn on a querier on a switch of that network, or its IGMP snooping off: a switch that snoops forgets the group after minutes. Or a group of 224.0.0.0/24 (224.0.0.254), which is never snooped',
      ),
    );
  return findings;
}
