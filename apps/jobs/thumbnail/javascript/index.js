import { app } from '@azure/functions';
import { Jimp } from 'jimp';

app.setup({ enableHttpStream: true });

const [WIDTH, HEIGHT] = [160, 120];

app.http('thumbnail', {
  methods: ['POST'],
  handler: async (request) => {
    let image;
    try {
      image = await Jimp.fromBuffer(Buffer.from(await request.arrayBuffer()));
    } catch (error) {
      return { status: 400, body: `not a picture: ${error.message}` };
    }
    image.resize({ w: WIDTH, h: HEIGHT });
    return { body: await image.getBuffer('image/png'), headers: { 'content-type': 'image/png' } };
  },
});
