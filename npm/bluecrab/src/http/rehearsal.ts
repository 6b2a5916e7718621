// Loads what the first request of a process needs. Node.js loads its classes for HTTP (`Request`, `Response`) only when they are
// first used, which takes longer than a small call.

import { HttpRequest, HttpResponse } from '@azure/functions';

/** Starts this long after the app is loaded: a request that arrives earlier loads the classes itself. */
const DELAY_MS = 100;
let isPlanned = false;

/** Makes a request and a response, a little later, so that the app's start does not wait. */
export function rehearse(): void {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(() => {
    const bytes = Uint8Array.of(0);
    const request = new HttpRequest({ method: 'POST', url: 'http://localhost/', body: { bytes } });
    const read = request.arrayBuffer().then(() => new HttpResponse({ body: bytes }).arrayBuffer());
    // An app may have replaced these classes.
    read.catch(() => undefined);
  }, DELAY_MS).unref();
}
