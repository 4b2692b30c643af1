export * from './address.js';
export * from './assert.js';
export * from './bounded-queue.js';
export * from './bytes.js';
export * from './clock.js';
export * from './random.js';
export * from './result.js';
