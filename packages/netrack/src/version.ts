/** Of this software: the cluster's boards have the same, but for the minutes of an upgrade. */
export const VERSION = '0.1.0';
