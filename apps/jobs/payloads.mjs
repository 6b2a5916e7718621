// Writes the payloads of scenarios/jobs/*.toml to apps/jobs/payloads. Run it with `node apps/jobs/payloads.mjs`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { csv, log, markdown, option, orders, pixels } from './generate.mjs';
import { encode } from './pictures.mjs';

const folder = new URL('payloads/', import.meta.url);
mkdirSync(folder, { recursive: true });
const write = (name, content) => writeFileSync(new URL(name, folder), content);

write('page.md', markdown(3));
write('book.md', markdown(150));
write('small.csv', csv(100));
write('large.csv', csv(10_000));
write('few.json', JSON.stringify(orders(10)));
write('many.json', JSON.stringify(orders(1000)));
for (const cost of [6, 10]) {
  const salt = '00112233445566778899aabbccddeeff';
  write(`cost${cost}.json`, JSON.stringify({ password: 'correct horse battery staple', salt, cost }));
}
for (const [name, lines] of Object.entries({ small: 100, large: 10_000 })) {
  write(`${name}.log`, log(lines));
  write(`${name}.log.gz`, gzipSync(log(lines)));
}
write('photo.jpg', await encode(pixels(1024, 768), 'image/jpeg'));
write('photo.png', await encode(pixels(1024, 768), 'image/png'));
write('few-paths.json', JSON.stringify({ ...option, paths: 100 }));
write('many-paths.json', JSON.stringify({ ...option, paths: 10_000 }));
