// Compares the content of two gzip files. `node apps/jobs/same-content.mjs ONE TWO` exits with 1 if it differs.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const [one, two] = process.argv.slice(2).map((file) => readFileSync(file));
console.log(`compressed: ${one.length} and ${two.length} bytes`);
if (!gunzipSync(one).equals(gunzipSync(two))) {
  console.log('the contents differ');
  process.exit(1);
}
