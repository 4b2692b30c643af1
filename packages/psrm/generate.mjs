import { manPage } from './dist/man-page.js';

export const generated = [{ path: 'docs/man/psrmd.8.md', make: () => manPage() }];
