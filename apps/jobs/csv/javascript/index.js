import { app } from '@azure/functions';
import Papa from 'papaparse';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

/** If no delimiter is set, the library guesses it. */
const OPTIONS = { header: true, skipEmptyLines: true, delimiter: ',' };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A decimal number. `Number.parseFloat` alone would read `12 apples` as 12. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

app.http('csv', {
  methods: ['POST'],
  handler: async (request) => {
    let text;
    try {
      text = utf8.decode(await request.arrayBuffer());
    } catch {
      return badRequest('the body is not UTF-8');
    }
    const { data, errors, meta } = Papa.parse(text, OPTIONS);
    if (errors.length > 0) return badRequest(`row ${errors[0].row}: ${errors[0].message}`);
    for (const column of ['region', 'amount']) {
      if (!meta.fields.includes(column)) return badRequest(`there is no column ${column}`);
      if (Object.values(meta.renamedHeaders ?? {}).includes(column))
        return badRequest(`there are two columns ${column}`);
    }
    const groups = new Map();
    for (const { region, amount } of data) {
      const value = NUMBER.test(amount) ? Number.parseFloat(amount) : Number.NaN;
      if (!Number.isFinite(value)) return badRequest(`"${amount}" is not a number`);
      const group = groups.get(region);
      if (group === undefined) {
        groups.set(region, { region, count: 1, sum: value, mean: value, min: value, max: value });
      } else {
        group.count += 1;
        group.sum += value;
        group.min = Math.min(group.min, value);
        group.max = Math.max(group.max, value);
      }
    }
    for (const group of groups.values()) group.mean = group.sum / group.count;
    return { jsonBody: [...groups.values()] };
  },
});

function badRequest(message) {
  return { status: 400, body: message };
}
