import type { Fault, NetrackState } from '@softset/protocol';
import { adviceOn } from '../alarm/advice.js';
import { alarmWords, faultWords } from '../status/words.js';
import { type Finding, fault, warning } from './finding.js';

/** What to do about what NETRACK found; the evidence is its own. */
const cures: Readonly<Record<Fault['kind'], string>> = {
  'network-failed': 'look at that switch and its power; services go on over the other network',
  'network-mute':
    'carrier is there and nothing passes: VLAN, a loop, or a switch that hangs. With multicast in the cluster file: is there an IGMP querier? Without one snooping switches forget the group',
  'link-failed': 'look at the cable, the port at the switch and the device of that board',
  'one-way': 'one direction is dead: change the cable or the transceiver; look at duplex and at port filters',
  'link-flapping': 'it comes and goes: change the cable or the transceiver; look at the port and its negotiation',
  'board-failed': 'look at its power and console; its services are elsewhere. See: replace a board',
  'board-stalled':
    'its kernel answers and its pulse does not: load, or a stopped process. journalctl -u netrack-pulse there',
  'board-isolated': 'neither network reaches it: both cables, or its slot',
  'board-unheard': 'others hear it, this board does not: filters, keys or ports here. softset doctor there, too',
  'daemon-lost': 'journalctl -u NAME on that board; systemd starts it again unless it refused',
  partition: 'both networks are cut between two groups: only the one with most votes serves. Mend either network',
  'no-quorum': 'bring back boards with a vote; until then nothing moves',
  'config-differs':
    'copy the cluster file to every board (sha256sum must agree), then systemctl restart softset.target there',
};

/** Boards of two releases work together while an upgrade goes from board to board, and no longer. */
function releaseFindings({ boards }: NetrackState): Finding[] {
  const own = boards.find(({ verdict }) => verdict === 'self')?.release;
  const others = boards.filter(
    ({ release, verdict }) => release !== undefined && release !== own && verdict !== 'down' && verdict !== 'unknown',
  );
  if (own === undefined || others.length === 0) return [];
  const who = others.map(({ name, release }) => `${name} runs ${release}`).join(', ');
  const todo = 'install the same package on every board, one after the other: daemons restart, addresses stay';
  return [warning('VERSIONS_DIFFER', `this board runs ${own}, ${who}`, todo)];
}

export function clusterFindings(state: NetrackState | undefined): Finding[] {
  if (state === undefined) return [];
  const findings = state.faults.map((one) =>
    fault(one.kind.toUpperCase().replaceAll('-', '_'), `${faultWords(one)}: ${one.evidence}`, cures[one.kind]),
  );
  if (state.director === 0)
    findings.push(
      fault(
        'NO_DIRECTOR',
        `no board directs (${state.quorum.present} of ${state.quorum.needed} votes needed)`,
        'are the others started, and formed? Do keys and cluster number agree?',
      ),
    );
  findings.push(...releaseFindings(state));
  if (state.amnesiac)
    findings.push(
      warning(
        'AMNESIAC',
        'this board does not remember its votes',
        'it abstains until a majority has answered it: nothing to do, unless it stays so',
      ),
    );
  for (const alarm of state.alarms)
    if (alarm.severity !== 'cleared') findings.push(warning(alarm.cause, alarmWords(alarm), adviceOn(alarm)));
  return findings;
}
