// Timing one contender: warm-up until the optimising compilers are done, then samples.

const WARM_UP_MS = 300;
const SAMPLE_MS = 2;

/** What a contender works on: the body in both forms, and the place for what its stages leave. */
export function stateFor(pair) {
  const body = Buffer.from(JSON.stringify(pair));
  const size = pair[0].length;
  const ndarray = pair.map((rows) => ({ v: 1, dim: [size, size], data: rows.flat() }));
  return { size, body, ndarrayBody: Buffer.from(JSON.stringify(ndarray)) };
}

/** Runs a contender from bytes to bytes. */
function runWhole({ stages, whole }, state) {
  if (whole) return whole(state);
  for (const stage of Object.values(stages)) stage(state);
}

/** Calls again and again until the time per call has settled; gives the milliseconds of the last ones. */
export function warmUp(contender, state) {
  const started = performance.now();
  let fastest = Number.POSITIVE_INFINITY;
  do {
    const before = performance.now();
    for (const stage of Object.values(contender.stages)) stage(state);
    contender.whole?.(state);
    fastest = Math.min(fastest, performance.now() - before);
  } while (performance.now() - started < WARM_UP_MS);
  return fastest;
}

/** Milliseconds a call, taken over as many calls as make a sample that the clock can tell. */
function time(call, expected) {
  const calls = Math.max(1, Math.ceil(SAMPLE_MS / expected));
  const started = performance.now();
  for (let index = 0; index < calls; index++) call();
  return (performance.now() - started) / calls;
}

/** One sample: the whole, and each stage by itself. `expected` is about how many milliseconds a call takes. */
export function sample(contender, state, expected) {
  const { stages, whole } = contender;
  const long = expected > 50;
  if (!long) runWhole(contender, state);
  const times = {};
  if (long && !whole) {
    // Too long to be run twice: the stages in their order are the whole.
    for (const [name, stage] of Object.entries(stages)) times[name] = time(() => stage(state), expected);
    return { whole: Object.values(times).reduce((sum, ms) => sum + ms), stages: times };
  }
  const ms = time(() => runWhole(contender, state), expected);
  for (const [name, stage] of Object.entries(stages)) times[name] = time(() => stage(state), expected / 4);
  return { whole: ms, stages: times };
}
