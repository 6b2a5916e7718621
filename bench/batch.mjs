// Calls a function again and again in this process.

/** Calls for this many milliseconds, and at least this often. Returns the latencies in milliseconds. */
export async function batch(call, time, fewest = 1) {
  const latencies = [];
  const started = performance.now();
  let now = started;
  do {
    const begin = now;
    await call();
    now = performance.now();
    latencies.push(now - begin);
  } while (now - started < time || latencies.length < fewest);
  return { latencies, seconds: (now - started) / 1000 };
}

export function median(values) {
  return values.toSorted((one, two) => one - two)[Math.floor(values.length / 2)];
}
