import { declare } from './libc.js';

/** malloc_trim(3): hands what is free in the C library's heaps back to the kernel. musl has none, and none is needed there. */
export function trimHeap(): void {
  try {
    declare<(pad: number) => number>('int malloc_trim(size_t pad)')(0);
  } catch {
    // No such function.
  }
}
