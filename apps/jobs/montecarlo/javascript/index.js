import { app } from '@azure/functions';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

/** Prices an Asian call option: the mean of the discounted payoffs of random paths. */
app.http('montecarlo', {
  methods: ['POST'],
  handler: async (request) => {
    if (!isJson(request)) return NOT_JSON;
    let option;
    try {
      option = await request.json();
    } catch (error) {
      return { status: 400, body: error.message };
    }
    const problem = check(option);
    if (problem !== undefined) return { status: 400, body: problem };
    return { jsonBody: price(option) };
  },
});

/** The bounds of each number. Within them, every price is finite. */
const NUMBERS = {
  spot: [0, 1e9],
  strike: [0, 1e9],
  rate: [-1, 1],
  volatility: [0, 10],
  years: [0, 100],
};
const COUNTS = ['paths', 'steps', 'seed'];

function check(option) {
  if (option === null || typeof option !== 'object' || Array.isArray(option)) return 'expected an object';
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    const number = option[name];
    if (typeof number !== 'number' || !(number >= least && number <= most))
      return `${name}: expected a number from ${least} to ${most}`;
  }
  const isCount = (value) => Number.isInteger(value) && value >= 1 && value < 2 ** 32;
  const count = COUNTS.find((name) => !isCount(option[name]));
  if (count !== undefined) return `${count}: expected a whole number from 1 to 4294967295`;
  if (option.paths * option.steps > 1e8) return 'paths times steps: expected at most 100 million';
  return undefined;
}

/**
 * How many random numbers are drawn at once, in a loop of their own. The processor often guesses wrongly which of them
 * are rejected. In the loop over a path's steps, each wrong guess would throw away the steps on which it has worked
 * ahead.
 */
const BLOCK = 64;

function price({ spot, strike, rate, volatility, years, paths, steps, seed }) {
  const random = generator(seed);
  const time = years / steps;
  const drift = (rate - 0.5 * volatility * volatility) * time;
  const spread = volatility * Math.sqrt(time);
  let sum = 0;
  let squares = 0;
  const normals = new Float64Array(BLOCK);
  for (let path = 0; path < paths; path += 1) {
    let value = spot;
    let total = 0;
    for (let left = steps; left > 0; left -= BLOCK) {
      const count = Math.min(left, BLOCK);
      for (let index = 0; index < count; index += 1) normals[index] = normal(random);
      for (let index = 0; index < count; index += 1) {
        value *= Math.exp(drift + spread * normals[index]);
        total += value;
      }
    }
    const payoff = Math.max(total / steps - strike, 0);
    sum += payoff;
    squares += payoff * payoff;
  }
  const discount = Math.exp(-rate * years);
  const mean = sum / paths;
  const variance = Math.max(squares / paths - mean * mean, 0);
  return { price: discount * mean, error: discount * Math.sqrt(variance / paths) };
}

/** A random number of the standard normal distribution, by Marsaglia's polar method. */
function normal(random) {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

/** Random numbers from 0 to 1 by xorshift32 (Marsaglia, Xorshift RNGs, 2003). */
function generator(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

/** A form of another site sends the user's cookies, but it cannot say that it is JSON. */
function isJson(request) {
  return /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}

const NOT_JSON = { status: 415, body: 'send JSON with the header Content-Type: application/json' };
