/**
 * Columns as wide as their widest cell, two spaces apart. The last one takes what is left of `width` and is cut there,
 * with an ellipsis; nothing else is ever cut.
 */
export function table(rows: readonly (readonly string[])[], width: number): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => {
    const line = row
      .map((cell, i) => (i === columns - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
    return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
  });
}
