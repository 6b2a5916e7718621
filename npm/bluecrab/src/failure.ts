// Says why a call failed, for the log and for the caller.

import { errorMessage } from './errorMessage';
import { type GuestResponse, OutOfMemory, OutputRefused } from './guest';
import { DeadlineExceeded, ThreadLost, ThreadNotStarted } from './pool/workerThread';
import { bodyOf } from './responseBody';

/** How much of a response's body becomes the message of an error. */
const MAX_MESSAGE_BYTES = 8192;

export interface Failure {
  /** What failed: the guest needed too much time or memory, it trapped, its thread ended, or its output is wrong. */
  kind: 'deadline' | 'memory' | 'trap' | 'thread' | 'failed';
  message: string;
}

/** Describes an error that a call of the function `name` has thrown. */
export function failureOf(name: string, error: unknown): Failure {
  const reason = errorMessage(error);
  if (error instanceof DeadlineExceeded)
    return { kind: 'deadline', message: `function ${name} was ended: ${reason}` };
  if (error instanceof OutOfMemory) return { kind: 'memory', message: `function ${name}: ${reason}` };
  if (error instanceof OutputRefused)
    return { kind: 'failed', message: `function ${name} failed: ${reason}` };
  if (error instanceof ThreadNotStarted)
    return { kind: 'thread', message: `function ${name} was not called: ${reason}` };
  return {
    kind: error instanceof ThreadLost ? 'thread' : 'trap',
    message: `function ${name} failed in WebAssembly: ${reason}`,
  };
}

/** Returns what a failed function says about its failure: the body of its response. */
export function messageOf(name: string, response: GuestResponse): string {
  const text = new TextDecoder().decode(bodyOf(response).subarray(0, MAX_MESSAGE_BYTES));
  return text === '' ? `function ${name} failed with status ${response.status}` : text;
}
