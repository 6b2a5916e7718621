// Runs the short calls of a function on the event loop, in an instance of the module's metered copy.
//
// The way to a thread and back takes longer than a short call. A call is tried here if the function's last calls with
// bodies of similar length were short. If its fuel ends, nothing of it remains, and it runs again on a thread.
//
// Whether calls are short is learned in a rehearsal: after a call has run on a thread, it runs there once more, in the
// metered copy. V8 compiles a function when it is first called, and all threads share the code, so the event loop need
// not compile it.

import { OutOfFuel } from '../fuel';
import { bytesBody, type GuestResponse } from '../guest';
import type { Level, Log } from '../log';
import { call, type InstanceTemplate } from '../module/call';
import type { Call } from '../module/instance';
import { pool } from '../pool/pool';
import { ThreadNotStarted } from '../pool/workerThread';
import { MOST_UNITS, SizeClass } from './sizeClass';
import { spendTurn, turnHasTime } from './turn';

/** Longer bodies go to a thread, to which they are passed without a copy. */
const MOST_BODY_BYTES = 64 << 10;
/** A call with more log entries goes to a thread: an entry costs the event loop much more than it costs the guest. */
const MOST_ENTRIES = 32;
/** The deadline of a rehearsal, much longer than V8 takes to compile the code of a call. */
const REHEARSAL_LIMIT_MS = 10_000;

/** The short calls of one function. */
export class ShortCalls {
  readonly #template: InstanceTemplate;
  readonly #classes = new Map<number, SizeClass>();

  /** @param template - makes instances of the metered copy */
  constructor(template: InstanceTemplate) {
    this.#template = template;
  }

  /** Whether a call is expected to be short. If not, it must run on a thread. */
  expect(declaredBytes: number): boolean {
    return declaredBytes <= MOST_BODY_BYTES && this.#classOf(declaredBytes).isShort;
  }

  /**
   * Runs a call. Returns nothing if the call must run on a thread: it has had no effect so far, not even a log entry.
   *
   * @throws what `call` throws
   */
  run(given: Call, log: Log): GuestResponse | undefined {
    const { body } = given;
    const sizeClass = this.#classOf(body.length);
    // Ask again: other calls may have changed the answers while the body was read.
    if (body.length > MOST_BODY_BYTES || !sizeClass.isShort || !turnHasTime()) return undefined;
    const held: [Level, string][] = [];
    given.units = sizeClass.units;
    // A thread may have to run the call again.
    given.keepsBody = true;
    const start = performance.now();
    const result = attempt(this.#template, given, held);
    const time = performance.now() - start;
    spendTurn(time);
    const ranOut = result.error instanceof OutOfFuel;
    // An error has cost the instance, and a new one takes longer than a short call.
    if ('error' in result || held.length > MOST_ENTRIES) sizeClass.useThreads();
    else sizeClass.ended(time, sizeClass.units - (result.response.unitsLeft ?? 0));
    if (ranOut || held.length > MOST_ENTRIES) return undefined;
    for (const entry of held) log(...entry);
    if ('error' in result) throw result.error;
    return result.response;
  }

  /** Counts a call that runs on a thread. Returns its rehearsal if the calls after it may run on the event loop. */
  rehearsal({ body, ...call }: Call): (() => void) | undefined {
    if (body.length > MOST_BODY_BYTES) return undefined;
    const sizeClass = this.#classOf(body.length);
    if (!sizeClass.skip()) return undefined;
    const bytes = new Uint8Array(body.length);
    body.copyTo(bytes, 0);
    return () => this.#rehearse(sizeClass, call, bytes);
  }

  /** Learns from a call that ran on a thread. */
  ranOnThread(bytes: number, milliseconds: number): void {
    if (bytes <= MOST_BODY_BYTES) this.#classOf(bytes).ranOnThread(milliseconds);
  }

  async #rehearse(sizeClass: SizeClass, call: Omit<Call, 'body'>, bytes: Uint8Array): Promise<void> {
    const task = { kind: 'rehearsal', template: this.#template, ...call, units: MOST_UNITS } as const;
    const prepared = {
      task: (body: Uint8Array<ArrayBuffer>) => ({ ...task, body }),
      body: bytesBody(bytes),
      stopwatch: undefined,
      log: () => undefined,
      timeoutMs: REHEARSAL_LIMIT_MS,
    };
    const queued = pool().call(
      async () => prepared,
      () => undefined,
      'preparation',
    );
    const { unitsLeft } = await queued.catch((error) => {
      // All threads may be busy: then a later call is rehearsed. Without threads, only the event loop can run a call.
      return { unitsLeft: error instanceof ThreadNotStarted ? 0 : undefined };
    });
    if (unitsLeft === undefined) sizeClass.useThreads();
    else sizeClass.rehearsed(MOST_UNITS - unitsLeft);
  }

  #classOf(bytes: number): SizeClass {
    const bits = 32 - Math.clz32(bytes);
    const sizeClass = this.#classes.get(bits) ?? new SizeClass();
    this.#classes.set(bits, sizeClass);
    return sizeClass;
  }
}

type Result = { response: GuestResponse; error?: never } | { error: unknown };

/** Runs a call, but holds back its log entries. */
function attempt(template: InstanceTemplate, given: Call, held: [Level, string][]): Result {
  try {
    return { response: call(template, given, (...entry) => held.push(entry)) };
  } catch (error) {
    return { error };
  }
}
