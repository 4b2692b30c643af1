/*
 * Man pages from docs/man: the Markdown that they are written in, and no more of it, as man(7) wants it.
 */

/** `text` begins with `# name(section)`. `date`: YYYY-MM-DD. */
export function manPage(text, { date, version }) {
  const lines = text.split('\n');
  const [, name = '', section = ''] = /^# (\S+)\((\d)\)/.exec(lines[0] ?? '') ?? [];
  if (name === '') throw new Error(`a man page begins with "# name(section)", not "${lines[0]}"`);
  const out = [`.TH "${name.toUpperCase()}" "${section}" "${date}" "softset ${version}" "SOFTSET"`, '.nh', '.ad l'];
  // whatis(1) wants `name - what it is`; a page of a file says only the latter.
  const said = lines.indexOf('## Name') + 2;
  if (said > 1 && !/^\S.* - /.test(lines[said] ?? '')) lines[said] = `${name} - ${lines[said] ?? ''}`;
  let at = 1;
  while (at < lines.length) at = block(lines, at, out);
  return `${out.join('\n')}\n`;
}

/** Takes one block that begins at `at`, and returns where the next begins. */
function block(lines, at, out) {
  const line = lines[at];
  if (line.trim() === '') return at + 1;
  const heading = /^(#{2,4}) (.*)$/.exec(line);
  if (heading) {
    out.push(heading[1] === '##' ? `.SH ${escaped(heading[2]).toUpperCase()}` : `.SS ${inline(heading[2])}`);
    return at + 1;
  }
  if (/^ {4}|^```/.test(line)) return literal(lines, at, out);
  if (line.startsWith('|')) return table(lines, at, out);
  const item = /^(- |\d+\. )(.*)$/.exec(line);
  if (item) {
    const [text, next] = paragraph(lines, at, item[2]);
    out.push(item[1] === '- ' ? '.IP \\(bu 2' : `.IP ${item[1].trim()} 4`, guard(inline(text)));
    return next;
  }
  const [text, next] = paragraph(lines, at, line);
  out.push('.PP', guard(inline(text)));
  return next;
}

/** What follows without an empty line belongs to it, but for what begins a block of its own. */
function paragraph(lines, at, first) {
  const words = [first.trim()];
  let next = at + 1;
  while (next < lines.length && lines[next].trim() !== '' && !/^(- |\d+\. |\||#|```)/.test(lines[next])) {
    words.push(lines[next].trim());
    next++;
  }
  return [words.join(' '), next];
}

function literal(lines, at, out) {
  const fenced = lines[at].startsWith('```');
  let next = fenced ? at + 1 : at;
  const body = [];
  const goesOn = () =>
    fenced ? !lines[next].startsWith('```') : /^ {4}/.test(lines[next]) || betweenLines(lines, next);
  while (next < lines.length && goesOn()) {
    body.push(fenced ? lines[next] : lines[next].slice(4));
    next++;
  }
  out.push('.PP', '.RS 4', '.nf', ...body.map((text) => guard(escaped(text))), '.fi', '.RE');
  return fenced ? next + 1 : next;
}

const betweenLines = (lines, at) => lines[at] === '' && /^ {4}/.test(lines[at + 1] ?? '');

/** A row is an entry, its first cell the term; the head says nothing that the entries do not, and goes. */
function table(lines, at, out) {
  let next = at;
  for (let row = 0; next < lines.length && lines[next].startsWith('|'); row++, next++) {
    const cells = lines[next]
      .slice(1, lines[next].lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
    if (row < 2) continue;
    const [term = '', ...rest] = cells;
    out.push('.TP', guard(term === '' ? '\\&' : inline(term)), guard(inline(rest.filter(Boolean).join(': ')) || '\\&'));
  }
  return next;
}

function inline(text) {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith('`') && part.length > 1 ? `\\fB${escaped(part.slice(1, -1))}\\fR` : styled(part)))
    .join('');
}

function styled(text) {
  return escaped(text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1'))
    .replaceAll(/\*\*([^*]+)\*\*/g, '\\fB$1\\fR')
    .replaceAll(/(?<![\w*])\*([^*\s][^*]*)\*(?!\w)/g, '\\fI$1\\fR');
}

const others = { '…': '...', '’': "'", '“': '"', '”': '"', '→': '->', '≤': '<=', '≥': '>=', '×': 'x', '¶': 'par. ' };

/** A hyphen that is typed must be one that can be copied; the page's own signs are ASCII. */
function escaped(text) {
  return text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll(/[…’“”→≤≥×¶]/g, (sign) => others[sign])
    .replaceAll(
      /[^\t -~]/gu,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

/** A line that begins with a dot or an apostrophe would be a request. */
const guard = (line) => (/^[.']/.test(line) ? `\\&${line}` : line);
