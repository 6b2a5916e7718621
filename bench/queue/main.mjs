// Measures apps/pictures in JavaScript and in Rust: a queue full of pictures until it is empty, with a new emulator,
// host and worker in each round, and how long a message waits for its function. Writes results that `bluecrab bench
// --results` reports: `node bench/queue/main.mjs --json FILE [--quick]`.

import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KEY, startAzurite } from '../../apps/azurite/azurite.mjs';
import { startHost } from '../../apps/host.mjs';
import { pixels } from '../../apps/jobs/generate.mjs';
import { encode } from '../../apps/jobs/pictures.mjs';
import { machine, pairs } from '../results.mjs';

/** The functions by name, each with its app below apps/pictures; the first is the baseline. */
const FUNCTIONS = { 'resize-jimp': 'javascript', 'resize-image': 'rust' };
/** How many pictures the host processes at the same time. */
const LOADS = [1, 16];
const WARM_UP = 4;
const PATIENCE_MS = 300_000;

const { values } = parseArgs({
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const { pictures, rounds, messages } = values.quick
  ? { pictures: 4, rounds: 2, messages: 2 }
  : { pictures: 24, rounds: 8, messages: 25 };
const photo = await encode(pixels(1024, 768, 1), 'image/jpeg');
const about = machine();
const waits = (await Promise.all(Object.values(FUNCTIONS).map(messageWaits))).flat().sort((a, b) => a - b);
const measurements = LOADS.flatMap((closed) =>
  Object.keys(FUNCTIONS).map((name) => ({
    function: name,
    payload: `JPEG 1024x768, ${pictures} in the queue`,
    load: { closed },
    bytes_in: photo.length,
    bytes_out: 0,
    rounds: [],
  })),
);
let expected;
for (let round = 0; round < rounds; round++) {
  // Half of the rounds run in the reverse order, so that neither app is always first.
  for (const measurement of round % 2 ? measurements.toReversed() : measurements) {
    process.stderr.write(`round ${round + 1} of ${rounds}: ${measurement.function}\n`);
    measurement.rounds.push(await fullQueue(FUNCTIONS[measurement.function], measurement.load.closed));
  }
}
const ms = (share) => Math.round(waits[Math.floor(share * (waits.length - 1))]);
const results = {
  format: 3,
  title: 'A queue full of pictures: jimp and image',
  note: `A call is what the platform bills: the host reads the picture, the function makes three sizes and a BlurHash, and the host writes them. A message that another program writes to an idle queue is read when the listener looks, every 2 s at most: polling allows 1000 ms at the median and 2000 ms at most. ${waits.length} messages took ${ms(0.5)} ms at the median and ${ms(1)} ms at most until their function started.`,
  scenario: 'bench/queue/main.mjs',
  machine: about,
  functions: Object.keys(FUNCTIONS).map((name, index) => ({ name, subject: index === 1 })),
  measurements,
  fresh_workers: true,
};
writeFileSync(values.json, `${JSON.stringify(results)}\n`);

async function start(app, env) {
  const azurite = await startAzurite();
  const folder = fileURLToPath(new URL(`../../apps/pictures/${app}`, import.meta.url));
  const host = await startHost(folder, { env: { AzureWebJobsStorage: azurite.connection, ...env } });
  return { azurite, host, stop: () => host.stop().then(azurite.stop) };
}

/** Waits until the host has printed a text this often. */
async function printed(host, text, times) {
  const end = performance.now() + PATIENCE_MS;
  while (host.printed().split(text).length <= times) {
    if (performance.now() > end) throw new Error(`no ${times} times "${text}" in:\n${host.printed()}`);
    await sleep(2);
  }
  return performance.now();
}

async function fullQueue(app, parallel) {
  const setting = 'AzureFunctionsJobHost__extensions__blobs__maxDegreeOfParallelism';
  const { azurite, host, stop } = await start(app, { [setting]: `${parallel}` });
  await send(azurite.blob, 'PUT', 'pictures', '', { restype: 'container' });
  const upload = (name) => send(azurite.blob, 'PUT', `pictures/${name}.jpg`, photo);
  for (let count = 0; count < WARM_UP; count++) await upload(`warm-up-${count}`);
  await printed(host, "Executed 'Functions.resize'", WARM_UP);
  const { workerProcessId } = await (await fetch(`${host.url}/admin/host/status`)).json();
  const before = [host.process, workerProcessId].map(processorSeconds);
  await Promise.all(Array.from({ length: pictures }, (_, count) => upload(`picture-${count}`)));
  const begin = await printed(host, "Executing 'Functions.resize'", WARM_UP + 1);
  const end = await printed(host, "Executed 'Functions.resize'", WARM_UP + pictures);
  const [host_cpu_seconds, cpu_seconds] = [host.process, workerProcessId].map(
    (process, index) => processorSeconds(process) - before[index],
  );
  const durations = [
    ...host.printed().matchAll(/Executed 'Functions.resize' \(Succeeded, .*Duration=(\d+)ms/g),
  ];
  const rows = await (await fetch(`${host.url}/api/pictures`)).json();
  const answer = JSON.stringify(rows.map(({ blurHash, ...row }) => JSON.stringify(row)).sort());
  expected ??= answer;
  if (answer !== expected || durations.length !== WARM_UP + pictures)
    throw new Error(`${app} lists ${answer}, instead of ${expected}`);
  const round = {
    seconds: (end - begin) / 1000,
    latencies: pairs(durations.slice(WARM_UP).map(([, duration]) => Number(duration))),
    cpu_seconds,
    host_cpu_seconds,
    host_memory: memory(host.process, 'VmRSS'),
    memory_peak: memory(workerProcessId, 'VmHWM'),
  };
  await stop();
  return round;
}

/** Returns how many milliseconds each message waited until its function started. */
async function messageWaits(app) {
  const { azurite, host, stop } = await start(app, {});
  await send(azurite.queue, 'PUT', 'pictures-failed');
  const message = Buffer.from(JSON.stringify({ name: 'a', reason: 'b' })).toString('base64');
  const body = `<QueueMessage><MessageText>${message}</MessageText></QueueMessage>`;
  const waits = [];
  for (let count = 1; count <= messages; count++) {
    // An idle listener looks less and less often.
    await sleep(4000 + 2000 * Math.random());
    await send(azurite.queue, 'POST', 'pictures-failed/messages', body);
    const sent = performance.now();
    waits.push((await printed(host, "Executing 'Functions.note-failure'", count)) - sent);
  }
  await stop();
  return waits;
}

/** Sends a request to the emulator (Azure Storage, "Authorize with Shared Key"). */
async function send(endpoint, method, path, body = '', query = {}) {
  const url = new URL(`${endpoint}/${path}?${new URLSearchParams(query)}`);
  const own = {
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-date': new Date().toUTCString(),
    'x-ms-version': '2021-12-02',
  };
  const type = 'application/octet-stream';
  const canonical = Object.entries(own).map(([name, value]) => `${name}:${value}`);
  const resource = `/devstoreaccount1${url.pathname}${Object.entries(query).map(([name, value]) => `\n${name}:${value}`)}`;
  const signed = [method, '', '', body.length || '', '', type, ...Array(6).fill(''), ...canonical, resource];
  const key = Buffer.from(KEY, 'base64');
  const signature = createHmac('sha256', key).update(signed.join('\n')).digest('base64');
  const headers = { ...own, 'content-type': type, authorization: `SharedKey devstoreaccount1:${signature}` };
  const response = await fetch(url, { method, body, headers });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** Reads the processor time of a process, on Linux only. */
function processorSeconds(process) {
  const [user, system] = readFileSync(`/proc/${process}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

function memory(process, field) {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)[1]) * 1024;
}
