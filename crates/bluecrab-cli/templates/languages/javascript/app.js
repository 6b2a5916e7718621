// The functions of {{name}}.

const functions = { statistics };

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

/** Calls the function that the last part of the path names. */
async function answer(request) {
  const name = new URL(request.url).pathname.split('/').at(-1).toLowerCase();
  return functions[name](request);
}

/** `POST /api/statistics` with a list of numbers. */
async function statistics(request) {
  const numbers = await request.json().catch(() => undefined);
  if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every(Number.isFinite)) {
    return json({ detail: 'expected a list of at least one number' }, 400);
  }
  const count = numbers.length;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / count;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return json({ count, mean, deviation: Math.sqrt(squares / count) });
}

function json(value, status = 200) {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
}
