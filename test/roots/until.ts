/** Looks until something is found; a look that fails finds nothing. */
export async function until<T>(what: string, limitMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + limitMs;
  let last = '';
  for (;;) {
    const found = await look().catch((error: Error) => {
      last = `; the last look: ${error.message.trim()}`;
      return undefined;
    });
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms${last}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
