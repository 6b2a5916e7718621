import { app } from '@azure/functions';
import bcrypt from 'bcryptjs';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

/**
 * A hash of bcrypt. Some bits of the last letter of the salt and of the hash must be 0, so only a few letters can stand
 * there.
 */
const HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/** Hashes `{ password, salt, cost }`. The salt has 16 bytes in hexadecimal. */
app.http('hash', {
  methods: ['POST'],
  handler: (request) =>
    answer(request, async ({ password, salt, cost }) => {
      if (typeof salt !== 'string' || !/^[0-9a-f]{32}$/.test(salt))
        throw new Error('salt: expected 32 hexadecimal digits');
      checkCost(cost);
      const encoded = bcrypt.encodeBase64(Buffer.from(salt, 'hex'), 16);
      const hash = await bcrypt.hash(password, `$2b$${String(cost).padStart(2, '0')}$${encoded}`);
      return { body: hash };
    }),
});

/** Returns whether `{ password, hash }` match. */
app.http('verify', {
  methods: ['POST'],
  handler: (request) =>
    answer(request, async ({ password, hash }) => {
      const parts = HASH.exec(hash);
      if (typeof hash !== 'string' || parts === null) throw new Error('hash: expected a hash of bcrypt');
      checkCost(Number(parts[1]));
      return { jsonBody: await bcrypt.compare(password, hash) };
    }),
});

/** Each step doubles the time. A cost of 14 takes more than a second. */
function checkCost(cost) {
  if (!Number.isInteger(cost) || cost < 4 || cost > 14)
    throw new Error('cost: expected a whole number from 4 to 14');
}

async function answer(request, handle) {
  if (!isJson(request)) return NOT_JSON;
  try {
    const body = await request.json();
    const { password } = body ?? {};
    if (typeof password !== 'string' || !password.isWellFormed())
      throw new Error('password: expected a text');
    return await handle(body);
  } catch (error) {
    return { status: 400, body: error.message };
  }
}

/** A form of another site sends the user's cookies, but it cannot say that it is JSON. */
function isJson(request) {
  return /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}

const NOT_JSON = { status: 415, body: 'send JSON with the header Content-Type: application/json' };
