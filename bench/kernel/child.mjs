// Calls one function of an app again and again: `child.mjs APP NAME MILLISECONDS`. Gets the body as a message and
// answers with what one round measured.

import { once } from 'node:events';
import { handlerOf } from '../../apps/handler.mjs';
import { batch, median } from '../batch.mjs';
import { pairs } from '../results.mjs';

/** The medians of two batches in a row may differ by this share. */
const SETTLED = 0.05;
const MOST_BATCHES = 8;
/** The fewest calls of a round. Eight rounds then have more than the 30 calls that a verdict needs. */
const FEWEST_CALLS = 4;

const [app, name, milliseconds] = process.argv.slice(2);
const call = handlerOf(app, name);
const [text] = await once(process, 'message');
const body = Buffer.from(text);

const { status, bytes } = await call(body);
if (status !== 200) throw new Error(`${name} answers ${status}: ${bytes}`);
const settled = await warmUp();
const cpu = process.cpuUsage();
const { latencies, seconds } = await batch(() => call(body), Number(milliseconds), FEWEST_CALLS);
const { user, system } = process.cpuUsage(cpu);
const cpu_seconds = (user + system) / 1e6;
process.send({ answer: bytes.toString(), settled, seconds, latencies: pairs(latencies), cpu_seconds });

async function warmUp() {
  let before = Number.NaN;
  for (let count = 0; count < MOST_BATCHES; count++) {
    const now = median((await batch(() => call(body), Number(milliseconds) / 2)).latencies);
    if (Math.abs(now / before - 1) <= SETTLED) return true;
    before = now;
  }
  return false;
}
