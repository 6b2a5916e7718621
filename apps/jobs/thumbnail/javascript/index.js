import { app } from '@azure/functions';
import { Jimp } from 'jimp';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

const [WIDTH, HEIGHT] = [160, 120];

/** The largest picture. Without a limit, a small file could contain a picture of any size. */
const MAX_PIXELS = 25_000_000;
const LIMITS = { maxResolutionInMP: MAX_PIXELS / 1e6, maxMemoryUsageInMB: 1024 };

app.http('thumbnail', {
  methods: ['POST'],
  handler: async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    const isPng = body.subarray(0, 8).equals(PNG);
    if (!isPng && !body.subarray(0, 3).equals(JPEG))
      return { status: 400, body: 'not a picture: a JPEG or PNG is expected' };
    if (isPng && body.length >= 24 && body.readUInt32BE(16) * body.readUInt32BE(20) > MAX_PIXELS)
      return { status: 413, body: `the picture has more than ${MAX_PIXELS} pixels` };
    let image;
    try {
      image = await Jimp.fromBuffer(body, { 'image/jpeg': LIMITS });
      image.resize({ w: WIDTH, h: HEIGHT }); // Throws if the picture has no pixels.
    } catch (error) {
      const status = /limit exceeded/.test(error.message) ? 413 : 400;
      return { status, body: `not a picture: ${error.message}` };
    }
    return { body: await image.getBuffer('image/png'), headers: { 'content-type': 'image/png' } };
  },
});

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
