// Counts the faults, the good requests and the wrong answers of the suite.

export const tally = { faults: 0, good: 0, wrong: 0, figures: [] };

/** Keeps a line that the suite prints at the end. */
export function figure(text) {
  tally.figures.push(text);
}

let seed = 2019;

/** Returns the body of the next good request. The bytes and the length differ each time. */
export function nextBody(mostBytes) {
  const next = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const body = Buffer.alloc(next() % (next() % 8 === 0 ? mostBytes : 2000));
  for (let at = 0; at < body.length; at++) body[at] = next() >>> 24;
  return body;
}

/** Returns what the function `good` answers to a body. */
export function expectedOf(body) {
  let hash = 0x811c9dc5;
  for (const byte of body) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${(hash >>> 0).toString(16).padStart(8, '0')} ${body.length}`;
}
