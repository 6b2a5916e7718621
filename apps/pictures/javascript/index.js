// The app of ../rust as people write it in JavaScript.

import { app, input, output } from '@azure/functions';
import { encode } from 'blurhash';
import { Jimp } from 'jimp';

app.setup({ enableHttpStream: true });

const connection = 'AzureWebJobsStorage';

/** The longest side of each size, in pixels. */
const SIZES = { large: 1024, medium: 320, small: 64 };
/** How many components a BlurHash has, in width and height. */
const COMPONENTS = [4, 3];
/** The largest picture. Without a limit, a small file could contain a picture of any size. */
const MAX_PIXELS = 25_000_000;
const LIMITS = { maxResolutionInMP: MAX_PIXELS / 1e6, maxMemoryUsageInMB: 1024 };

const table = output.table({ tableName: 'pictures', connection });
const rows = input.table({ tableName: 'pictures', take: 1000, connection });
const failures = output.storageQueue({ queueName: 'pictures-failed', connection });
const sizes = Object.fromEntries(
  Object.keys(SIZES).map((size) => [size, output.storageBlob({ path: `sizes/${size}/{name}`, connection })]),
);

app.storageBlob('resize', {
  path: 'pictures/{name}',
  connection,
  extraOutputs: [...Object.values(sizes), table, failures],
  handler: async (file, context) => {
    const { name } = context.triggerMetadata;
    let picture;
    try {
      picture = await decode(file);
    } catch (error) {
      context.extraOutputs.set(failures, { name, reason: error.message });
      return;
    }
    for (const [size, side] of Object.entries(SIZES)) {
      const made = within(picture, side);
      context.extraOutputs.set(sizes[size], await made.getBuffer('image/png'));
      if (size !== 'small') continue;
      const { data, width, height } = made.bitmap;
      context.extraOutputs.set(table, {
        ...row('done', name),
        Width: picture.width,
        Height: picture.height,
        BlurHash: encode(new Uint8ClampedArray(data), width, height, ...COMPONENTS),
      });
    }
  },
});

async function decode(file) {
  const isPng = file.subarray(0, 8).equals(PNG);
  if (!isPng && !file.subarray(0, 3).equals(JPEG)) throw new Error('expected a JPEG or PNG');
  if (isPng && file.length >= 24 && file.readUInt32BE(16) * file.readUInt32BE(20) > MAX_PIXELS)
    throw new Error(`the picture has more than ${MAX_PIXELS} pixels`);
  return await Jimp.fromBuffer(file, { 'image/jpeg': LIMITS });
}

/** Reduces a picture until its longest side has `side` pixels. Never enlarges it. */
function within(picture, side) {
  const longest = Math.max(picture.width, picture.height);
  if (longest <= side) return picture;
  const reduced = (length) => Math.max(1, Math.round((length * side) / longest));
  return picture.clone().resize({ w: reduced(picture.width), h: reduced(picture.height) });
}

function row(partition, name) {
  // A key cannot contain these characters. The etag replaces a row of this name.
  return { PartitionKey: partition, RowKey: name.replace(/[/\\#?]/g, '|'), Name: name, etag: '*' };
}

app.storageQueue('note-failure', {
  queueName: 'pictures-failed',
  connection,
  extraOutputs: [table],
  handler: ({ name, reason }, context) =>
    context.extraOutputs.set(table, { ...row('failed', name), Reason: reason }),
});

app.timer('report', {
  schedule: '0 */5 * * * *',
  extraInputs: [rows],
  return: output.storageBlob({ path: 'reports/latest.json', connection }),
  handler: (_timer, context) => {
    const all = context.extraInputs.get(rows) ?? [];
    const done = all.filter((row) => row.PartitionKey === 'done');
    const pixels = done.reduce((sum, row) => sum + row.Width * row.Height, 0);
    return { pictures: done.length, failed: all.length - done.length, pixels };
  },
});

const uploaded = output.storageBlob({ path: 'pictures/{name}', connection });

app.http('upload', {
  methods: ['PUT'],
  route: 'pictures/{name}',
  extraOutputs: [uploaded],
  handler: async (request, context) => {
    context.extraOutputs.set(uploaded, Buffer.from(await request.arrayBuffer()));
    return { status: 202, body: 'the picture will be resized\n' };
  },
});

app.http('list', {
  methods: ['GET'],
  route: 'pictures',
  extraInputs: [rows],
  handler: (_request, context) => ({
    jsonBody: (context.extraInputs.get(rows) ?? []).map((row) =>
      row.PartitionKey === 'done'
        ? { name: row.Name, width: row.Width, height: row.Height, blurHash: row.BlurHash }
        : { name: row.Name, reason: row.Reason },
    ),
  }),
});

const stored = input.storageBlob({ path: 'sizes/{size}/{name}', connection, dataType: 'binary' });

app.http('picture', {
  methods: ['GET'],
  route: 'pictures/{name}/{size}',
  extraInputs: [stored],
  handler: (_request, context) => {
    const picture = context.extraInputs.get(stored);
    if (!picture) return { status: 404, body: 'there is no such picture in this size' };
    return { body: picture, headers: { 'content-type': 'image/png' } };
  },
});

const latest = input.storageBlob({ path: 'reports/latest.json', connection, dataType: 'binary' });

app.http('latest-report', {
  methods: ['GET'],
  route: 'report',
  extraInputs: [latest],
  handler: (_request, context) => {
    const report = context.extraInputs.get(latest);
    if (!report) return { status: 404, body: 'there is no report yet' };
    return { body: report, headers: { 'content-type': 'application/json' } };
  },
});

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
