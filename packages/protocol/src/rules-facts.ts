/** What a rule can ask: the catalogue of facts. The loader, the reference and the engine's feed all stand on it. */
export interface FactKind {
  /** `board.{board}.state`: what is in braces is a name of that kind; `{object...}` takes all that follows. */
  readonly pattern: string;
  readonly type: 'text' | 'number' | 'boolean' | 'any';
  /** Of a text: all that it can be. Without it any word, or a board where `board` says so. */
  readonly values?: readonly string[];
  /** Its value is a board's name, or `none`. */
  readonly board?: true;
  /** Only ever grows, but for a restart: `over` and `rate` make sense of it. */
  readonly counter?: true;
  readonly unit?: string;
  readonly source: 'NETRACK' | 'PSRM' | 'REDIRECT' | 'SNMP/ag' | 'clock';
  readonly meaning: string;
}

export const programStates = [
  'stopped',
  'starting',
  'up',
  'ready',
  'in-trouble',
  'not-responding',
  'stopping',
  'failed',
] as const;

export const faultKinds = [
  'network-failed',
  'network-mute',
  'link-failed',
  'one-way',
  'board-failed',
  'board-stalled',
  'board-isolated',
  'board-unheard',
  'daemon-lost',
  'partition',
  'no-quorum',
  'config-differs',
  'link-flapping',
] as const;

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const netrack = { source: 'NETRACK' } as const;

export const factKinds: readonly FactKind[] = [
  {
    ...netrack,
    pattern: 'board.{board}.state',
    type: 'text',
    values: ['up', 'silent', 'stalled', 'unheard', 'down'],
    meaning: "The director's verdict; unknown until the board was heard or judged once",
  },
  {
    ...netrack,
    pattern: 'board.{board}.maintenance',
    type: 'boolean',
    meaning: 'An operator took it out of service; it is left alone',
  },
  {
    ...netrack,
    pattern: 'board.{board}.drained',
    type: 'boolean',
    meaning: 'An operator or a rule drained it: it gives up what others can take, and is given nothing',
  },
  { ...netrack, pattern: 'board.{board}.amnesiac', type: 'boolean', meaning: 'It lost its memory of votes (T4)' },
  { ...netrack, pattern: 'board.{board}.leaving', type: 'boolean', meaning: 'It said that it goes' },
  {
    ...netrack,
    pattern: 'board.{board}.health',
    type: 'number',
    unit: '0 to 7, 0 is well',
    meaning: 'How late its own loop was of late',
  },
  {
    ...netrack,
    pattern: 'board.{board}.holds',
    type: 'number',
    unit: 'services',
    meaning:
      'Services that it holds, or held last and nobody took over: what would have to move. Of a lost board more than 0 ' +
      'until all is elsewhere, whoever directs by then',
  },
  {
    ...netrack,
    pattern: 'board.{board}.services',
    type: 'number',
    unit: 'services',
    meaning: 'Services that it holds or is being given: its load',
  },
  {
    ...netrack,
    pattern: 'board.{board}.path.{network}',
    type: 'boolean',
    meaning: 'The director reaches it over that network; for whose link is broken ask `fault`',
  },
  {
    ...netrack,
    pattern: 'board.{board}.daemon.{daemon}',
    type: 'boolean',
    meaning: 'The daemon checked in with its pulse within the last second',
  },
  {
    ...netrack,
    pattern: 'service.{service}.state',
    type: 'text',
    values: ['held', 'moving', 'silent', 'free'],
    meaning: 'silent: its holder may still answer, nobody vouches for it; free: nobody holds it and nobody can',
  },
  {
    ...netrack,
    pattern: 'service.{service}.holder',
    type: 'text',
    board: true,
    meaning: 'The board that holds it, or held it last; `none` before the first',
  },
  {
    ...netrack,
    pattern: 'service.{service}.pin',
    type: 'text',
    board: true,
    meaning: 'The board that an operator pinned it to, or `none`',
  },
  {
    source: 'REDIRECT',
    pattern: 'service.{service}.resting',
    type: 'boolean',
    meaning: 'It moved three times in ten minutes and moves no more by itself',
  },
  {
    source: 'PSRM',
    pattern: 'program.{program}.{board}.state',
    type: 'text',
    values: programStates,
    meaning: 'What the program does on that board; failed: given up there (002 ¶0029)',
  },
  {
    source: 'PSRM',
    pattern: 'program.{program}.{board}.restarts',
    type: 'number',
    counter: true,
    unit: 'restarts',
    meaning: 'How often it was restarted there',
  },
  {
    ...netrack,
    pattern: 'network.{network}.state',
    type: 'text',
    values: ['up', 'failed', 'mute'],
    meaning: 'mute: carriers are up and nothing comes through',
  },
  {
    ...netrack,
    pattern: 'fault.{fault}.{target}',
    type: 'boolean',
    meaning: 'NETRACK names this fault of this target (`cpu-1:A`, `io-1`) now',
  },
  {
    ...netrack,
    pattern: 'alarm.{object}.{cause}',
    type: 'text',
    values: ['none', 'warning', 'minor', 'major', 'critical'],
    meaning: 'Severity of the standing alarm, such as `alarm.service/media.SERVICE_RESTS`',
  },
  { ...netrack, pattern: 'cluster.director', type: 'text', board: true, meaning: 'The board that directs' },
  { ...netrack, pattern: 'cluster.term', type: 'number', counter: true, unit: 'terms', meaning: 'Its term' },
  { ...netrack, pattern: 'cluster.votes', type: 'number', unit: 'votes', meaning: 'Votes present in the view' },
  {
    source: 'clock',
    pattern: 'time.hour',
    type: 'number',
    unit: 'hours, 0 to 23',
    meaning: "Wall time of the director's zone",
  },
  { source: 'clock', pattern: 'time.minute', type: 'number', unit: 'minutes, 0 to 59', meaning: 'Likewise' },
  { source: 'clock', pattern: 'time.weekday', type: 'text', values: weekdays, meaning: 'Likewise' },
  {
    source: 'SNMP/ag',
    pattern: 'snmp.{agent}.{object...}',
    type: 'any',
    meaning:
      'A variable of a board or switch by its name in the MIB and its index, such as `snmp.switch-a.ifInErrors.12`; ' +
      'unknown while nobody delivers it',
  },
];

export interface Operator {
  readonly words: string;
  readonly types: string;
  readonly meaning: string;
}

export const operators: readonly Operator[] = [
  { words: 'is VALUE', types: 'text, boolean, number', meaning: 'equal' },
  { words: 'is not VALUE', types: 'text, boolean, number', meaning: 'known, and different' },
  { words: 'is one of A, B', types: 'text, number', meaning: 'equal to one of them' },
  { words: 'is not one of A, B', types: 'text, number', meaning: 'known, and none of them' },
  { words: '> N', types: 'number', meaning: 'greater' },
  { words: '>= N', types: 'number', meaning: 'greater or equal' },
  { words: '< N', types: 'number', meaning: 'less' },
  { words: '<= N', types: 'number', meaning: 'less or equal' },
  { words: 'is known', types: 'all', meaning: 'somebody told it; never unknown itself' },
  { words: 'is unknown', types: 'all', meaning: 'nobody told it; never unknown itself' },
];

export const windowWords: readonly Operator[] = [
  {
    words: 'over TIME',
    types: 'counter',
    meaning: 'growth within the last TIME; a counter that began anew adds itself',
  },
  { words: 'rate TIME', types: 'counter', meaning: 'that growth by TIME in seconds; 1/s' },
  { words: 'changes TIME', types: 'all', meaning: 'how often the value changed within the last TIME' },
];
