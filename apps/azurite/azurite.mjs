// Starts the storage emulator Azurite on free ports, with its data in memory.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endWithThisProcess } from '../host.mjs';

const PROGRAM = fileURLToPath(new URL('node_modules/azurite/dist/src/azurite.js', import.meta.url));
export const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const SERVICES = ['Blob', 'Queue', 'Table'];

/** Returns the addresses and the connection string of a new emulator, and a function that ends it. */
export async function startAzurite() {
  if (!existsSync(PROGRAM)) throw new Error('run `npm ci --prefix apps/azurite` first');
  const ports = SERVICES.flatMap((service) => [`--${service.toLowerCase()}Port`, '0']);
  const child = spawn(
    process.execPath,
    [PROGRAM, ...ports, '--inMemoryPersistence', '--skipApiVersionCheck', '--silent', '--disableTelemetry'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  endWithThisProcess(child);
  let printed = '';
  const found = new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      const endpoints = SERVICES.map((service) =>
        new RegExp(`${service} service is successfully listening at (http://127\\.0\\.0\\.1:\\d+)`).exec(
          printed,
        ),
      );
      if (endpoints.every(Boolean)) resolve(endpoints.map(([, url]) => `${url}/devstoreaccount1`));
    });
    child.once('exit', () => reject(new Error(`Azurite does not start:\n${printed}`)));
  });
  const [blob, queue, table] = await found;
  return {
    blob,
    queue,
    connection: [
      'DefaultEndpointsProtocol=http',
      'AccountName=devstoreaccount1',
      `AccountKey=${KEY}`,
      `BlobEndpoint=${blob}`,
      `QueueEndpoint=${queue}`,
      `TableEndpoint=${table}`,
    ].join(';'),
    stop: () => child.kill(),
  };
}
