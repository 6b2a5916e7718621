// Loads what the first request of a process needs. Node.js loads its classes for HTTP (`Request`, `Response`) only when
// they are first used, which takes longer than a small call.

/** Starts this long after the app is loaded: a request that arrives earlier loads the classes itself. */
const DELAY_MS = 100;
let isPlanned = false;

/** Makes a request and a response, a little later, so that the app's start does not wait. */
export function rehearse(): void {
  if (isPlanned) return;
  isPlanned = true;
  // The app may have replaced the classes by others that fail here. This is not an error of this library.
  setTimeout(() => exchange().catch(() => undefined), DELAY_MS).unref();
}

/**
 * Uses the classes as `HttpRequest` and `HttpResponse` of @azure/functions do. Those cannot be imported by name in an
 * ES module: Node.js does not find them in that package.
 */
async function exchange(): Promise<void> {
  const body = Uint8Array.of(0);
  await new Request('http://localhost/', { method: 'POST', body }).arrayBuffer();
  await new Response(body).arrayBuffer();
}
