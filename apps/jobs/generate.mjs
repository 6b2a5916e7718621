// Generates the inputs of the jobs from a seed. A size counts what the job works on, such as rows.

import { random, words } from './random.mjs';

/** An option for the Monte Carlo job, which also needs a number of paths. */
export const option = {
  spot: 100,
  strike: 105,
  rate: 0.03,
  volatility: 0.2,
  years: 1,
  steps: 50,
  seed: 2019,
};

/** A document in Markdown: headings, paragraphs with emphasis, links and code, lists, quotes, code blocks. */
export function markdown(sections, seed = 1) {
  const source = random(seed);
  const sentence = () => {
    const parts = Array.from({ length: 1 + source.below(4) }, () => {
      const text = words(source, 2 + source.below(8));
      const kind = source.below(12);
      if (kind === 0) return `**${text}**`;
      if (kind === 1) return `*${text}*`;
      if (kind === 2) return `\`${text}\``;
      if (kind === 3)
        return `[${text}](https://example.org/${source.below(1000)}?a=1&b=2 "${words(source, 2)}")`;
      if (kind === 4) return `"${text}" & <${source.below(9)}`;
      return text;
    });
    return `${parts.join(', ')}.`;
  };
  const paragraph = () =>
    Array.from({ length: 2 + source.below(4) }, sentence).join(source.chance(0.5) ? ' ' : '\n');
  const items = (mark) =>
    Array.from({ length: 3 + source.below(5) }, (_, index) => `${mark(index)} ${sentence()}`);
  const block = () => {
    const kind = source.below(8);
    if (kind === 0) return items(() => '-').join('\n');
    if (kind === 1) return items((index) => `${index + 1}.`).join('\n');
    if (kind === 2) return `> ${paragraph().replaceAll('\n', '\n> ')}`;
    if (kind === 3) return `\`\`\`js\nconst ${words(source, 1)} = "${words(source, 3)}" < 1 && true;\n\`\`\``;
    return paragraph();
  };
  const section = (_, index) => {
    const heading = `${'#'.repeat(1 + (index % 3))} ${words(source, 3)}`;
    return [heading, ...Array.from({ length: 2 + source.below(4) }, block)].join('\n\n');
  };
  return `${Array.from({ length: sections }, section).join('\n\n')}\n`;
}

/** Rows of sales. Some fields are quoted. */
export function csv(rows, seed = 1) {
  const source = random(seed);
  const regions = Array.from({ length: 12 }, () => words(source, 1));
  const row = (_, index) => {
    const note = source.chance(0.2) ? `"${words(source, 2)}, ""${words(source, 1)}"""` : words(source, 3);
    const date = `2026-${String(1 + source.below(12)).padStart(2, '0')}-${String(1 + source.below(28)).padStart(2, '0')}`;
    return `${index + 1},${date},${source.pick(regions)},${(source.next() * 1000).toFixed(2)},${source.below(50)},${note}`;
  };
  return `id,date,region,amount,items,note\n${Array.from({ length: rows }, row).join('\n')}\n`;
}

/** Orders. About a fifth of them break the schema in one place. */
export function orders(count, seed = 1) {
  const source = random(seed);
  const faults = [
    (order) => delete order.customer.name,
    (order) => order.lines.splice(0),
    (order) => Object.assign(order, { id: order.id.toLowerCase() }),
    (order) => Object.assign(order, { tags: ['gift', 'gift'] }),
    (order) => Object.assign(order, { more: true }),
    (order) => Object.assign(order.lines[0], { quantity: 1.5 }),
    (order) => Object.assign(order.payment, { method: 'cash' }),
    (order) => Object.assign(order.customer.addresses[0], { zip: '1234' }),
  ];
  const line = () => ({
    sku: `${words(source, 1)}-${1000 + source.below(9000)}`,
    quantity: 1 + source.below(20),
    price: Math.round(source.next() * 1e5) / 100,
    ...(source.chance(0.3) && { discount: 0.25 }),
  });
  const address = () => ({
    street: words(source, 2),
    city: words(source, 1),
    zip: String(10000 + source.below(90000)),
    country: source.pick(['AT', 'CH', 'DE', 'FR', 'IT']),
  });
  const order = () => {
    const order = {
      id: `AB-${100000 + source.below(900000)}`,
      customer: {
        name: words(source, 2),
        email: `${words(source, 1)}@example.org`,
        addresses: [address(), address()],
      },
      lines: Array.from({ length: 1 + source.below(6) }, line),
      payment: source.chance(0.5)
        ? { method: 'card', token: 'x'.repeat(24) }
        : { method: 'invoice', days: 30 },
      tags: source.chance(0.5) ? ['gift', 'express'] : [],
    };
    if (source.chance(0.2)) source.pick(faults)(order);
    return order;
  };
  return Array.from({ length: count }, order);
}

/** Lines of a log, which compress as well as real logs. */
export function log(lines, seed = 1) {
  const source = random(seed);
  const line = (_, index) => {
    const path = `/${words(source, 1)}/${words(source, 1)}/${source.below(5000)}`;
    const status = source.pick([200, 200, 200, 304, 404]);
    return `2026-05-01T${String(Math.floor(index / 3600) % 24).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}Z GET ${path} ${status} ${source.below(9000)} "${words(source, 4)}"\n`;
  };
  return Array.from({ length: lines }, line).join('');
}

/** The RGBA pixels of a picture with soft light, edges and the noise of a camera. */
export function pixels(width, height, seed = 1) {
  const source = random(seed);
  const discs = Array.from({ length: 40 }, () => ({
    x: source.below(width),
    y: source.below(height),
    radius: 10 + source.below(width / 6),
    colour: [source.below(256), source.below(256), source.below(256)],
  }));
  const data = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const disc = discs.find((disc) => (x - disc.x) ** 2 + (y - disc.y) ** 2 < disc.radius ** 2);
      const base = disc?.colour ?? [
        (x / width) * 200,
        (y / height) * 180,
        120 + 60 * Math.sin(x / 90 + y / 70),
      ];
      const noise = source.next() * 12 - 6;
      for (let channel = 0; channel < 3; channel += 1) {
        data[(y * width + x) * 4 + channel] = Math.max(0, Math.min(255, Math.round(base[channel] + noise)));
      }
    }
  }
  return { width, height, data };
}
