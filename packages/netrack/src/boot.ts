/** 64 bits of the kernel's boot id (random(4), a UUID) name one life of a board: 16 hexadecimal digits. */
export function bootOf(bootId: string): string {
  return bootId.replaceAll('-', '').slice(0, 16).padEnd(16, '0').toLowerCase();
}
