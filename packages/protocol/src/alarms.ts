/** Words for an operator: commands stand between backticks, with what is another each time in capitals. */
export interface AlarmGuide {
  /** What is so where it stands. */
  readonly what: string;
  readonly todo: string;
}

/**
 * Every alarm that the daemons raise by themselves, and what to do about it. What rules raise has causes of the operator's
 * own. The handbook's table and what `softset alarm explain` and `softset doctor` advise are made from it; the order is the
 * handbook's.
 */
const table = {
  NO_BOARD: {
    what: 'no board can hold the service: critical where nobody holds it',
    todo: '`softset service explain SERVICE` says what is thought of each board; bring one back, or activate one',
  },
  NO_SPARE: {
    what: 'the service is held, and nobody could take it',
    todo: 'bring back a board of its pool before the next one fails',
  },
  SERVICE_RESTS: {
    what: 'three failures in ten minutes: it is left alone',
    todo: '`softset why SERVICE`, mend what fails, then `softset service move SERVICE`',
  },
  ADDRESS_IN_USE: {
    what: 'a stranger answers for an address of ours',
    todo: 'find its MAC at the switch (`softset geodhcp locate MAC`), take it away',
  },
  LEASE_LOST: {
    what: 'a board gave an address up by itself, since no director heard it in time: cut off, or too busy',
    todo: '`softset why SERVICE`; then as for LEASE_LATE',
  },
  PROGRAM_GIVEN_UP: {
    what: 'it died too often on that board',
    todo: '`softset psrm why PROGRAM` and `softset psrm log PROGRAM` there; then `softset psrm start PROGRAM`',
  },
  PROGRAM_NOT_STARTED: {
    what: 'psrmd did not start a program that its service needs, or does not run there',
    todo: '`softset psrm status` on that board',
  },
  PROGRAM_NOT_STOPPED: {
    what: 'psrmd did not stop a program whose service has to leave, or does not run there',
    todo: '`softset psrm status` on that board',
  },
  BOARD_GIVEN_UP: {
    what: 'too many programs were given up there, and all services left it',
    todo: 'mend it, then `softset psrm clear` on it',
  },
  BOARD_REBOOTS: {
    what: 'too many programs were given up there, and it reboots',
    todo: 'wait until it is back, and find out which (`softset psrm why PROGRAM`)',
  },
  BOARD_BEYOND_REBOOT: {
    what: 'it was rebooted for its programs so often that it is left alone',
    todo: 'mend it, then `softset psrm clear` on it',
  },
  FENCE_FAILED: {
    what: "the command that takes a board's power, or its switch ports, failed; its strict services wait",
    todo: 'run that command by hand, see that the board has no power',
  },
  FENCED: {
    what: 'a board was cut off at its switches, so that its services could move',
    todo: 'once it was restarted or looked at, `softset board unfence BOARD`',
  },
  ROUTER_NOT_TOLD: {
    what: 'the command that tells a router failed',
    todo: 'its own words are in `softset journal`; it is tried again',
  },
  RULES_INVALID: {
    what: 'a rules file is bad, and the rules before go on',
    todo: '`softset rules check /etc/softset/rules` names file and line',
  },
  DRAINED_BY_RULE: {
    what: 'a rule drained that board: it holds and is given nothing',
    todo: 'wait for the rule, or give it work by `softset board activate BOARD`',
  },
  PREFERRED_BY_RULE: {
    what: 'a rule prefers that network: traffic leaves the other',
    todo: 'wait for the rule, or take it back by `softset network prefer A`',
  },
  RULE_LIMIT: {
    what: 'a rule acted too often and is held back',
    todo: '`softset why rule RULE` shows what it did',
  },
  QUORUM_FORCED: {
    what: 'somebody took the votes of boards that were not there (`softset quorum force`): a majority is fewer boards now',
    todo: 'give each board that is back its vote by `softset board return BOARD`; it stands until `softset alarm clear QUORUM_FORCED`',
  },
  DUPLICATE_BOARD: {
    what: 'two boards say that they are the same one',
    todo: 'turn off the newer; look at BOARD in `/etc/default/softset`',
  },
  RULESET_FLUSHED: {
    what: 'somebody emptied nftables: the board let its addresses go, and took them again',
    todo: 'let that program leave the table `netdev softset` alone (`flush ruleset` in `/etc/nftables.conf` does not)',
  },
  LEASE_LATE: {
    what: 'leases were renewed late: load, or no real-time priority',
    todo: '`softset doctor` there; slower beats (`timing`)',
  },
  CONFIG_DIFFERS: {
    what: "the boards' cluster files are not the same, as during a roll-out",
    todo: '`softset config status`; push it anew',
  },
  FOREIGN_CLUSTER: {
    what: 'another cluster beats on this wire',
    todo: 'separate them by VLAN, or give them ports of their own',
  },
  FORGED: {
    what: 'beats with a bad seal: a board with an old key, or an attacker',
    todo: '`softset doctor` on the board that sends them',
  },
  TOKEN_WRONG_PORT: {
    what: 'somebody has a token of another port: a cable in the wrong port, or a thief',
    todo: '`softset enrol revoke ID`, and look at that port',
  },
  TOKEN_REUSED: {
    what: 'a token came a second time; nothing was given',
    todo: 'who else had it? Make a new one',
  },
  TOKEN_EXPIRED: {
    what: 'a token came too late; nothing was given',
    todo: 'make a new one',
  },
  TOKEN_REVOKED: {
    what: 'a token came that was ended, or that nobody made here; nothing was given',
    todo: 'who else had it? Make a new one',
  },
  TOKEN_FORGED: {
    what: 'a device named a token that it does not have: a slip of the hand, or somebody who tries',
    todo: 'find it: `softset geodhcp locate MAC`',
  },
  BOARD_UP: {
    what: 'a device wants to join as a board that is up: a second one on its port, or a copy of it',
    todo: 'look at that port; a board that is to be replaced is switched off first',
  },
  ADDRESS_NOT_OF_PORT: {
    what: "a device wants to join with an address that is not its port's",
    todo: 'have it ask for one by DHCP; if it is none of yours, take it away',
  },
  PORT_CHANGED: {
    what: 'a device was plugged elsewhere after it was approved',
    todo: 'let it ask anew from where it is to stay; if it is none of yours, take it away',
  },
  ENROLMENT_BROKEN: {
    what: 'a board was given the key and left before it had tested it',
    todo: 'if it is not on your bench, change the key',
  },
  ENROLLED_WITH_FAULTS: {
    what: 'it joined, and `softset doctor` there found what the alarm names',
    todo: 'mend that, then start it',
  },
  SWITCH_SILENT: {
    what: 'the SNMP agent of a switch does not say who is on which port',
    todo: '`softset geodhcp status`, and the page on replacing a board',
  },
  PORT_SHARED: {
    what: 'a port has more devices than addresses',
    todo: '`softset geodhcp ports`, and the page on replacing a board',
  },
} as const satisfies Readonly<Record<string, AlarmGuide>>;

export type AlarmCause = keyof typeof table;

/** By cause, in the handbook's order. */
export const alarmGuide: Readonly<Record<AlarmCause, AlarmGuide>> = table;

/** Undefined for causes that an operator's rules made. */
export function guideOf(cause: string): AlarmGuide | undefined {
  return Object.hasOwn(table, cause) ? table[cause as AlarmCause] : undefined;
}

/** The handbook's table. */
function alarmTable(): string {
  const rows = Object.entries(alarmGuide).map(([cause, { what, todo }]) => `| \`${cause}\` | ${what} | ${todo} |`);
  return ['| alarm | what it is | what to do |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A page with the table in place of the one below its heading about alarms. Throws where there is none. */
export function withAlarmTable(page: string): string {
  const found = /^(## Alarms[^\n]*\n.*?\n\n)(\|[^\n]*\n)+/ms.exec(page);
  if (found === null) throw new Error('the page has no table below a heading about alarms');
  const [whole, before = ''] = found;
  return page.replace(whole, () => `${before}${alarmTable()}\n`);
}
