// Limits what a call holds outside of the component's memory: resources, and the bytes of bodies and header fields. The
// limit of the memory does not count these. A thread runs one call at a time.

/** Most components hold a few resources at once. A resource takes up to 300 bytes of V8's heap. */
const MAX_RESOURCES = 100_000;

let resources = 0;
let bytes = 0;
let maxBytes = 0;

/** Starts to count for a call, or for the start of an instance. */
export function startUsage(maximum: number): void {
  [resources, bytes, maxBytes] = [0, 0, maximum];
}

/**
 * Counts bytes that the call holds, or frees if `count` is negative.
 *
 * @throws Error if they are too many
 */
export function hold(count: number): void {
  bytes += count;
  if (bytes > maxBytes) {
    throw new Error(
      `its response and header fields need more than ${maxBytes} bytes, the limit of its memory`,
    );
  }
}

/** A resource that a component holds by a handle. */
export class Resource {
  /** @throws Error if the component holds too many */
  constructor() {
    if (++resources > MAX_RESOURCES) throw new Error(`it holds more than ${MAX_RESOURCES} resources at once`);
  }

  /** The bindings call this when the component drops its handle. */
  [Symbol.dispose](): void {
    resources--;
  }
}
