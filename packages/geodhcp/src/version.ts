/** Of this software: the cluster's boards have the same. */
export const VERSION = '0.1.0';
