// Follows docs/recipes.md: its functions are in one module, its commands are run, and they print what the page shows.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { startHost } from '../../host.mjs';

const MODULE = process.env.RECIPES_MODULE;
assert.ok(MODULE, 'RECIPES_MODULE must name the module');
const app = fileURLToPath(new URL('..', import.meta.url));
const dist = join(app, 'dist');
const page = readFileSync(new URL('../../../docs/recipes.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'bluecrab-recipes-'));
const blocks = (language) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text);
const commands = blocks('sh').filter((text) => text.startsWith('bluecrab invoke '));

/** A PNG of one colour. */
function png(width, height) {
  const chunk = (type, data) => {
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)]);
    bytes.writeUInt32BE(data.length);
    bytes.writeUInt32BE(crc(bytes.subarray(4, -4)), bytes.length - 4);
    return bytes;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const rows = deflateSync(Buffer.alloc((width + 1) * height));
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** The words of a command: those in single quotes hold together. */
const wordsOf = (line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);

/** Runs `bluecrab invoke`, and returns what it prints to standard output. */
function invoke(words) {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, encoding: 'buffer' };
    execFile(
      process.env.BLUECRAB,
      [...words, '--port', String(host.port)],
      options,
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${words.join(' ')}: ${stdout}${stderr}`));
        else resolve(stdout);
      },
    );
  });
}

let host;
before(async () => {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  copyFileSync(MODULE, join(app, 'recipes.wasm'));
  writeFileSync(
    join(dist, 'module.js'),
    "import { registerModule } from 'bluecrab';\nregisterModule('recipes.wasm');\n",
  );
  for (const [index, code] of blocks('ts').entries()) writeFileSync(join(dist, `recipe${index}.js`), code);
  writeFileSync(join(folder, 'sales.csv'), blocks('csv')[0]);
  writeFileSync(join(folder, 'large.png'), png(640, 320));
  host = await startHost(app, { env: { AzureWebJobsStorage: '' } });
});
after(async () => {
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the recipes', () => {
  for (const command of commands) {
    const [line, ...shown] = command.trimEnd().split('\n');
    const [call, file] = line.split(' > ');
    test(line, async () => {
      const printed = await invoke(wordsOf(call).slice(1));
      if (file === 'small.png') {
        assert.deepEqual([printed.readUInt32BE(16), printed.readUInt32BE(20)], [160, 80]);
      } else if (file === 'receipt.pdf') {
        const text = printed.toString('latin1');
        assert.ok(
          text.startsWith('%PDF-') && text.includes('(Total: 7.50) Tj') && text.endsWith('%%EOF'),
          text,
        );
      } else {
        assert.equal(printed.toString().trimEnd(), shown.join('\n'));
      }
    });
  }

  test('a file of a form comes back as a download', async () => {
    const form = new FormData();
    form.set('note', 'not this one');
    form.set('file', new Blob(blocks('csv')), 'sales.csv');
    const address = `http://localhost:${host.port}/api/tabs`;
    const response = await fetch(address, { method: 'POST', body: form });
    assert.equal(await response.text(), blocks('csv')[0].replaceAll(',', '\t'));
    assert.equal(response.headers.get('content-disposition'), 'attachment; filename="table.tsv"');
    const refused = await fetch(address, { method: 'POST', body: 'a,b' });
    assert.equal(refused.status, 415);
  });

  test('every function that needs no storage is called', () => {
    const listed = [...host.printed().matchAll(/^ {4}(\S+) .*http:\/\//gm)].map(([, name]) => name);
    const called = commands.map((command) => wordsOf(command)[2]);
    assert.deepEqual(listed.sort(), [...new Set(called), 'tabs', 'visit'].sort());
  });
});
