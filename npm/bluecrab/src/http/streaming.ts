// Decides whether HTTP requests stream to the worker, or arrive inside of gRPC messages. The choice holds for the whole
// app.

import { app } from '@azure/functions';
import { httpStream } from '../settings';

/**
 * Up to this size a body costs less inside of a message: about 0.1 ms for the second connection that streaming needs.
 * Longer bodies cost more there, because every layer of the message copies them.
 */
const SHORT_BODY_BYTES = 64 << 10;

let isOn = false;

/**
 * Turns HTTP streaming on if a function accepts long bodies, or as `BLUECRAB_HTTP_STREAM` says.
 *
 * Never turns it off: another function of the app may need it.
 *
 * @param maxBodyBytes - the longest body of each function that is registered
 */
export function streamLongBodies(...maxBodyBytes: number[]): void {
  const isNeeded = httpStream() ?? Math.max(...maxBodyBytes) > SHORT_BODY_BYTES;
  if (!isNeeded) return;
  app.setup({ enableHttpStream: true });
  isOn = true;
}

/** Whether this library has turned HTTP streaming on. */
export function isStreaming(): boolean {
  return isOn;
}
