// The function poll_oneoff of WASI preview 1, with which a guest waits for a clock: it sleeps.

import type { Fuel } from './fuel';

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const CLOCK = 0;
const IS_ABSOLUTE = 1;
const DESCRIPTORS = 3;

const SUCCESS = 0;
const EBADF = 8;
const EINVAL = 28;
const NANOSECONDS_PER_MILLISECOND = 1e6;

/** Returns the time of a clock in nanoseconds, or nothing if there is no such clock. */
export type Clock = (clock: number) => bigint | undefined;

/** Waits until a subscription is due, and writes an event for each subscription that is due. */
export function pollOneoff(
  view: DataView,
  clock: Clock,
  [subscriptions, events, count, written]: [number, number, number, number],
  fuel: Fuel,
): number {
  if (count === 0) return EINVAL;
  const now = [clock(0), clock(1)];
  const at = (index: number) => subscriptions + index * SUBSCRIPTION_BYTES;
  let wait = Number.POSITIVE_INFINITY;
  for (let index = 0; index < count; index++) wait = Math.min(wait, dueIn(view, at(index), now));
  if (wait > 0) sleep(wait, fuel);
  let ready = 0;
  for (let index = 0; index < count; index++) {
    if (dueIn(view, at(index), now) > wait) continue;
    writeEvent(view, at(index), events + ready * EVENT_BYTES, now);
    ready++;
  }
  view.setUint32(written, ready, true);
  return SUCCESS;
}

/** Returns how many nanoseconds remain. Descriptors and unknown clocks are ready at once. */
function dueIn(view: DataView, at: number, now: readonly (bigint | undefined)[]): number {
  if (view.getUint8(at + 8) !== CLOCK) return 0;
  const time = now[view.getUint32(at + 16, true)];
  if (time === undefined) return 0;
  const timeout = view.getBigUint64(at + 24, true);
  const isAbsolute = (view.getUint16(at + 40, true) & IS_ABSOLUTE) !== 0;
  return Math.max(0, Number(isAbsolute ? timeout - time : timeout));
}

function writeEvent(view: DataView, at: number, event: number, now: readonly (bigint | undefined)[]): void {
  const [type, subject] = [view.getUint8(at + 8), view.getUint32(at + 16, true)];
  const userData = view.getBigUint64(at, true);
  for (let offset = 0; offset < EVENT_BYTES; offset += 8) view.setBigUint64(event + offset, 0n, true);
  view.setBigUint64(event, userData, true);
  const isKnown = type === CLOCK ? now[subject] !== undefined : subject < DESCRIPTORS;
  view.setUint16(event + 8, isKnown ? SUCCESS : type === CLOCK ? EINVAL : EBADF, true);
  view.setUint8(event + 10, type);
}

/** Blocks this thread. At the call's deadline the thread is terminated, and the wait with it. */
function sleep(nanoseconds: number, fuel: Fuel): void {
  // The event loop must not wait, so the call has to run on a thread.
  fuel.spend(Number.POSITIVE_INFINITY);
  const milliseconds = nanoseconds / NANOSECONDS_PER_MILLISECOND;
  const unused = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(unused, 0, 0, milliseconds);
}
