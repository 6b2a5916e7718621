// Sends messages to the queue function of every language, through a worker that speaks FunctionRpc.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from '../../npm/worker/test/host.mjs';
import { folder, languages } from './host.mjs';

const guests = languages.filter((language) => language !== 'rust' && language !== 'component');
let worker;

before(async () => {
  process.env.GUESTS_FOLDER = folder;
  worker = await start(fileURLToPath(new URL('../app', import.meta.url)));
});
after(() => worker?.stop());

/** Sends a message to a function. Returns the response of its invocation. */
function send(name, message, invocationId) {
  const { functionId, rawBindings } = worker.metadata.functionMetadataResults.find(
    (found) => found.name === name,
  );
  const trigger = rawBindings.map((text) => JSON.parse(text)).find(({ type }) => type === 'queueTrigger');
  const inputData = [{ name: trigger.name, data: { bytes: Buffer.from(message) } }];
  const invocationRequest = { invocationId, functionId, inputData };
  return worker.ask(invocationId, { invocationRequest }, 'invocationResponse');
}

describe('shout', () => {
  for (const language of guests) {
    it(`in ${language} sends a message on in capital letters`, async () => {
      const message = Buffer.from('12345678901234567890 crabs\n\xff', 'latin1');
      const { result, outputData } = await send(`shout-${language}`, message, `${language}-good`);
      assert.equal(result.status, 'Success');
      const bytes = Buffer.from('12345678901234567890 CRABS\n\xff', 'latin1');
      assert.deepEqual(outputData, [{ name: 'shouted', data: { bytes } }]);
    });

    it(`in ${language} fails if the message is empty, and says so`, async () => {
      const { result, outputData = [] } = await send(`shout-${language}`, '', `${language}-empty`);
      assert.equal(result.exception.message, 'the message is empty');
      assert.deepEqual(outputData, []);
    });
  }
});
