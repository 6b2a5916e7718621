import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { option as withoutPaths } from '../generate.mjs';
import { assertClose, startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('montecarlo');
});
after(() => job?.stop());

const option = { ...withoutPaths, paths: 2000 };

async function price(changes) {
  const [one, two] = await job.answers('montecarlo', JSON.stringify({ ...option, ...changes }));
  assertClose(JSON.parse(one.text), JSON.parse(two.text), 1e-9);
  return JSON.parse(two.text);
}

test('both sides find the same prices', async () => {
  for (const seed of [1, 2019, 4294967295]) await price({ seed });
  for (const strike of [50, 100, 1000]) await price({ strike });
});

test('prices agree with known formulas', async () => {
  // With one step the option is a European call. By the formula of Black and Scholes its price is 9.413403.
  const { price: found, error } = await price({ strike: 100, paths: 1_000_000, steps: 1 });
  assert.ok(Math.abs(found - 9.413403) < 4 * error, `${found} within ${error}`);
  // Without volatility the payoff is certain.
  const certain = await price({ volatility: 0, strike: 100, steps: 1, paths: 10 });
  assert.ok(Math.abs(certain.price - (100 - 100 * Math.exp(-0.03))) < 1e-9);
});

test('JSON with another content type is refused', async () => {
  await job.takesOnlyJson('montecarlo', JSON.stringify(option));
});

test('a body that is not an option is refused, and the reason names the member', async () => {
  const wrong = [
    { spot: 'a' },
    { spot: null },
    { spot: -1 },
    { strike: -0.5 },
    { strike: 1e10 },
    { rate: 2 },
    { rate: -1.01 },
    { volatility: -0.1 },
    { volatility: 1e200 },
    { years: -1 },
    { years: 101 },
    { years: '1' },
    { years: [1] },
    { years: undefined },
    { paths: '7' },
    { seed: 0 },
    { steps: true },
    { paths: 0 },
    { paths: 1.5 },
    { seed: -1 },
    { steps: 4294967296 },
    { paths: 1e9, steps: 1e9 },
  ];
  for (const changes of wrong) {
    const both = await job.refused('montecarlo', JSON.stringify({ ...option, ...changes }));
    const [name] = Object.keys(changes);
    for (const text of both) assert.ok(text.includes(name), `the reason does not name ${name}: ${text}`);
  }
  const values = JSON.stringify(Object.values(option));
  for (const body of ['', '{', '{}', '[]', values, 'null', '7', '"x"', `[${values}]`])
    await job.refused('montecarlo', body);
  await job.refused('montecarlo', JSON.stringify(option).replace('"spot":100', '"spot":1e400'));
});

test('both sides accept the bounds, whole numbers with a point, repeated members and unknown members', async () => {
  for (const changes of [
    { spot: 0, strike: 0 },
    { spot: 1e9, strike: 1e9, rate: 1, volatility: 10, years: 100, paths: 20 },
    { rate: -1, volatility: 0, years: 100, paths: 1, steps: 1 },
    { years: 0 },
    { spot: -0, years: 5e-324 },
    { other: [1, { paths: 0 }] },
  ])
    for (const value of Object.values(await price(changes))) assert.ok(Number.isFinite(value), `${value}`);
  const body = JSON.stringify(option);
  for (const [from, to] of [
    ['"paths":2000', '"paths":2000.0'],
    ['"seed":7', '"seed":7e0'],
    ['"steps":50', '"steps":0,"steps":50'],
  ]) {
    const [one, two] = await job.answers('montecarlo', body.replace(from, to));
    assertClose(JSON.parse(one.text), JSON.parse(two.text), 1e-9);
  }
});
