import { app } from '@azure/functions';
import bcrypt from 'bcryptjs';

app.setup({ enableHttpStream: true });

/** The last letters of the salt and of the hash have 4 and 2 bits that must be 0. */
const HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/** `{ password, salt, cost }` with a salt of 16 bytes in hexadecimal: the hash. */
app.http('hash', {
  methods: ['POST'],
  handler: (request) =>
    answer(request, async ({ password, salt, cost }) => {
      if (typeof salt !== 'string' || !/^[0-9a-f]{32}$/.test(salt))
        throw new Error('salt: 32 digits are expected');
      checkCost(cost);
      const encoded = bcrypt.encodeBase64(Buffer.from(salt, 'hex'), 16);
      const hash = await bcrypt.hash(password, `$2b$${String(cost).padStart(2, '0')}$${encoded}`);
      return { body: hash };
    }),
});

/** `{ password, hash }`: `true` or `false`. */
app.http('verify', {
  methods: ['POST'],
  handler: (request) =>
    answer(request, async ({ password, hash }) => {
      const parts = HASH.exec(hash);
      if (typeof hash !== 'string' || parts === null) throw new Error('hash: not a hash of bcrypt');
      checkCost(Number(parts[1]));
      return { jsonBody: await bcrypt.compare(password, hash) };
    }),
});

/** Each step more takes twice the time: 14 takes more than a second. */
function checkCost(cost) {
  if (!Number.isInteger(cost) || cost < 4 || cost > 14) throw new Error('cost: 4 to 14 is expected');
}

async function answer(request, handle) {
  if (!isJson(request)) return NOT_JSON;
  try {
    const body = await request.json();
    const { password } = body ?? {};
    if (typeof password !== 'string' || !password.isWellFormed())
      throw new Error('password: a text is expected');
    return await handle(body);
  } catch (error) {
    return { status: 400, body: error.message };
  }
}

/** A form of another site, which sends the user's cookies along, cannot say that it is JSON. */
function isJson(request) {
  return /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}

const NOT_JSON = { status: 415, body: 'send JSON with the header Content-Type: application/json' };
