// An npm registry on this machine. It has the packages of the release, and fetches all others from the registry that
// npm uses here.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import verdaccio from 'verdaccio';

/** Starts the registry, whose packages are in `folder`. `upstream` is the address of the other registry. */
export async function startNpmRegistry(folder, upstream) {
  const everyone = { access: '$all', publish: '$all' };
  const config = {
    storage: join(folder, 'packages'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: { upstream: { url: upstream } },
    packages: {
      '@bluecrab/*': everyone,
      bluecrab: everyone,
      '**': { access: '$all', proxy: 'upstream' },
    },
    // The packages with the programs are large.
    max_body_size: '200mb',
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  };
  // JSON is also YAML.
  const file = join(folder, 'verdaccio.yaml');
  writeFileSync(file, JSON.stringify(config));
  const server = (await verdaccio.runServer(file)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
