// What the head of a response may be, a module's or a component's.

/** The platform's host refuses more from a worker; its client would learn nothing. */
export const MAX_HEAD_BYTES = 64 << 10;
/** Hosts and clients take about as many. */
export const MAX_FIELDS = 1000;
