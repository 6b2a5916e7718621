// The function poll_oneoff of WASI preview 1, with which a guest waits: for a clock, it sleeps. Files and streams never
// make it wait.

import type { Fuel } from '../fuel';
import { type Descriptors, Input, OpenFile, Output } from './descriptors';
import { EBADF, EINVAL, SUCCESS, WasiError } from './errno';
import { timeOf } from './processFunctions';
import type { WasiFunctions } from './wasi';

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const [CLOCK, READ, WRITE] = [0, 1, 2];
const IS_ABSOLUTE = 1;
const HUNG_UP = 1;

const NANOSECONDS_PER_MILLISECOND = 1e6;
/** What the host's work takes, in units of fuel. */
const SUBSCRIPTION_UNITS = 1000;
/** How many bytes the guest may write at once, as far as it is told. The host takes any number. */
const WRITABLE_BYTES = 65_536;

/** What the guest waits for. */
interface Subscription {
  userData: bigint;
  type: number;
  /** How many nanoseconds remain. */
  dueIn: number;
  error: number;
  /** How many bytes can be read or written. */
  bytes: number;
  flags: number;
}

export const pollFunctions: WasiFunctions = {
  poll_oneoff(
    { memory, descriptors, fuel },
    subscriptions: number,
    events: number,
    given: number,
    result: number,
  ) {
    const count = given >>> 0;
    if (count === 0) throw new WasiError(EINVAL);
    fuel.spend(count * SUBSCRIPTION_UNITS);
    const source = memory.view(subscriptions, count * SUBSCRIPTION_BYTES);
    const target = memory.view(events, count * EVENT_BYTES);
    memory.check(result, 4);
    const begin = new Map<number, bigint>();
    const read = (index: number) =>
      readSubscription(
        new DataView(source.buffer, source.byteOffset + index * SUBSCRIPTION_BYTES),
        descriptors,
        begin,
      );
    let wait = Number.POSITIVE_INFINITY;
    for (let index = 0; index < count; index++) wait = Math.min(wait, read(index).dueIn);
    if (wait > 0) sleep(wait, fuel);
    let ready = 0;
    for (let index = 0; index < count; index++) {
      const subscription = read(index);
      if (subscription.dueIn > wait) continue;
      writeEvent(new DataView(target.buffer, target.byteOffset + ready * EVENT_BYTES), subscription);
      ready++;
    }
    memory.setUint32(result, ready);
  },
};

/** @param begin - the time of each clock when the wait began, which is read once */
function readSubscription(
  view: DataView,
  descriptors: Descriptors,
  begin: Map<number, bigint>,
): Subscription {
  const [type, subject] = [view.getUint8(8), view.getUint32(16, true)];
  const subscription = {
    userData: view.getBigUint64(0, true),
    type,
    dueIn: 0,
    error: SUCCESS,
    bytes: 0,
    flags: 0,
  };
  try {
    if (type === CLOCK) {
      const now = begin.get(subject) ?? timeOf(subject);
      begin.set(subject, now);
      const timeout = view.getBigUint64(24, true);
      const isAbsolute = (view.getUint16(40, true) & IS_ABSOLUTE) !== 0;
      return { ...subscription, dueIn: Math.max(0, Number(isAbsolute ? timeout - now : timeout)) };
    }
    const descriptor = descriptors.get(subject);
    if (type === WRITE && descriptor instanceof Output) return { ...subscription, bytes: WRITABLE_BYTES };
    if (type === READ && descriptor instanceof Input)
      return { ...subscription, bytes: descriptor.left, flags: descriptor.left === 0 ? HUNG_UP : 0 };
    if (type === READ && descriptor instanceof OpenFile)
      return { ...subscription, bytes: Math.max(0, descriptor.file.bytes.length - descriptor.offset) };
    return { ...subscription, error: type === READ || type === WRITE ? EBADF : EINVAL };
  } catch (error) {
    if (error instanceof WasiError) return { ...subscription, error: error.errno };
    throw error;
  }
}

function writeEvent(event: DataView, { userData, type, error, bytes, flags }: Subscription): void {
  for (let offset = 0; offset < EVENT_BYTES; offset += 8) event.setBigUint64(offset, 0n, true);
  event.setBigUint64(0, userData, true);
  event.setUint16(8, error, true);
  event.setUint8(10, type);
  event.setBigUint64(16, BigInt(bytes), true);
  event.setUint16(24, flags, true);
}

/** Blocks this thread. At the call's deadline the thread is terminated, and the wait with it. */
function sleep(nanoseconds: number, fuel: Fuel): void {
  // The event loop must not wait, so the call has to run on a thread.
  fuel.spend(Number.POSITIVE_INFINITY);
  const unused = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(unused, 0, 0, nanoseconds / NANOSECONDS_PER_MILLISECOND);
}
