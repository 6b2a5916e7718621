import { app } from '@azure/functions';
import Papa from 'papaparse';

app.setup({ enableHttpStream: true });

app.http('csv', {
  methods: ['POST'],
  handler: async (request) => {
    const { data, errors, meta } = Papa.parse(await request.text(), { header: true, skipEmptyLines: true });
    if (errors.length > 0) return badRequest(`row ${errors[0].row}: ${errors[0].message}`);
    for (const column of ['region', 'amount']) {
      if (!meta.fields.includes(column)) return badRequest(`there is no column ${column}`);
    }
    const groups = new Map();
    for (const { region, amount } of data) {
      const value = Number.parseFloat(amount);
      if (!Number.isFinite(value)) return badRequest(`"${amount}" is no number`);
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
