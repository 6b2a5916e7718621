// One implementation, one state: the entry for ES modules re-exports the CommonJS build.

import { writeFileSync } from 'node:fs';

writeFileSync(
  new URL('dist/index.mjs', import.meta.url),
  `import bluecrab from './index.js';\n\nexport const { handler, registerModule } = bluecrab;\n`,
);
