// Calls the function of each language with curl and compares the saved answers.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder, languages, startHost } from './host.mjs';
import { matrix, npy } from './matrices.mjs';

if (spawnSync('curl', ['--version']).status !== 0) {
  console.log('   there is no curl: skipped');
  process.exit();
}
const matrices = join(folder, '../matrices.npy');
writeFileSync(matrices, Buffer.concat([npy(matrix(300, 300)), npy(matrix(300, 300))]));
const scratch = mkdtempSync(join(tmpdir(), 'guests-'));
const host = await startHost();
const digests = new Set();
console.log(
  `   curl ${host.url}/api/multiply-LANGUAGE --data-binary @${matrices} -H 'content-type: application/x-npy'`,
);
try {
  for (const language of languages) {
    const answer = join(scratch, language);
    const url = `${host.url}/api/multiply-${language}`;
    const sent = ['--data-binary', `@${matrices}`, '-H', 'content-type: application/x-npy'];
    const written = '%{http_code} %{content_type} %{size_download} bytes';
    const line = execFileSync('curl', ['-sS', '-o', answer, '-w', written, url, ...sent], {
      encoding: 'utf8',
    });
    const digest = createHash('sha256').update(readFileSync(answer)).digest('hex');
    digests.add(`${line} ${digest}`);
    console.log(`   ${language.padEnd(14)} ${line}  sha256 ${digest}`);
  }
} finally {
  await host.stop();
  rmSync(scratch, { recursive: true });
}
if (digests.size > 1) {
  console.error('error: the answers differ');
  process.exitCode = 1;
}
