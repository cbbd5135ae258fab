/**
 * A variable whose value can be read but not used; the message says which and what to do, and nothing else has to be
 * looked into.
 */
export class UnusableSetting extends Error {}
