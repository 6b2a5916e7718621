// The functions of {{name}}.

import { respondText } from './bluecrab';

export { bluecrab_alloc } from './bluecrab';

/** `POST /api/statistics` with a list of numbers. */
export function statistics(_head: usize, _headLength: usize, body: usize, bodyLength: usize): usize {
  const text = String.UTF8.decodeUnsafe(body, bodyLength).trim();
  if (body !== 0) heap.free(body);
  if (!text.startsWith('[') || !text.endsWith(']')) return json(400, '{"detail":"expected a list of numbers"}');
  const numbers = text.slice(1, -1).split(',');
  const count = <f64>numbers.length;
  let sum: f64 = 0;
  for (let at = 0; at < numbers.length; at++) sum += parseFloat(numbers[at]);
  if (isNaN(sum)) return json(400, '{"detail":"expected a list of at least one number"}');
  const mean = sum / count;
  let squares: f64 = 0;
  for (let at = 0; at < numbers.length; at++) squares += (parseFloat(numbers[at]) - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  return json(200, `{"count":${numbers.length},"mean":${mean},"deviation":${deviation}}`);
}

function json(status: u32, text: string): usize {
  return respondText(status, 'application/json', text);
}
