// Talks to the host that serves the page.

const KEY = 'bluecrab-key';

/** The host asks for a key, or for another key. */
export class NeedsKey extends Error {}

/** Remembers the key for this tab. */
export function setKey(key) {
  sessionStorage.setItem(KEY, key);
}

/** Sends a request to the host, with the key if there is one. */
export function send(path, options = {}) {
  const headers = new Headers(options.headers);
  const key = sessionStorage.getItem(KEY);
  if (key !== null && !headers.has('x-functions-key')) headers.set('x-functions-key', key);
  return fetch(path, { ...options, headers, credentials: 'omit', cache: 'no-store', redirect: 'manual' });
}

/** Sends JSON to the host and returns its answer. Throws an error with the host's sentence if it refuses. */
export async function post(path, value, headers = {}) {
  const body = JSON.stringify(value);
  const answer = await send(path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return read(answer);
}

/** Gets JSON from the host. */
export async function get(path) {
  return read(await send(path));
}

async function read(answer) {
  const text = await answer.text();
  if (answer.ok) return text === '' ? null : JSON.parse(text);
  let detail = `the host answered ${answer.status}`;
  try {
    detail = JSON.parse(text).detail ?? detail;
  } catch {
    // The answer is not a problem of the host.
  }
  throw new Error(detail);
}

/** Returns a function that takes the pieces of a stream of events, and passes each event on: its name and its data. */
export function eventReader(onEvent) {
  let rest = '';
  return (piece) => {
    const events = (rest + piece).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/s, 2)));
      onEvent(fields.event, JSON.parse(fields.data));
    }
  };
}

/**
 * Passes on the events of the host until its stream ends.
 *
 * `EventSource` cannot send the key as a header, so this reads the stream of a usual request.
 */
export async function listen(onEvent) {
  const answer = await send('/admin/page/events');
  if (answer.status === 401) throw new NeedsKey();
  if (!answer.ok) throw new Error(`the host answered ${answer.status}`);
  const read = eventReader(onEvent);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    read(value);
  }
}
