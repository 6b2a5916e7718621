// Hands the outputs of a function to the platform, in the form in which its host changes no byte. See docs/abi.md,
// section 13.
//
// The host reads a string that looks like JSON, and makes several messages of an array. It does not look into bytes,
// nor into the strings of an array (azure-functions-host, `FunctionBinding.cs`).

import type { InvocationContext } from '@azure/functions';
import { errorMessage } from '../errorMessage';
import { type GuestResponse, type OutputPart, OutputRefused } from '../guest';
import { type Binding, hasType, RETURN } from '../module/bindings';
import { bodyOf, partOf } from '../responseBody';
import { parseExactly } from './json';

interface Item {
  kind: OutputPart['kind'];
  bytes: Buffer;
}

/**
 * Sets the outputs of an invocation. Returns the value of the output `$return`, if the function has this output.
 *
 * @throws OutputRefused if an output cannot be written as it is
 */
export function setOutputs(
  outputs: readonly Binding[],
  response: GuestResponse,
  { extraOutputs }: InvocationContext,
): unknown {
  const items = itemsByName(response);
  // All values first: if one of them is refused, none is written.
  const values = outputs.flatMap((output): [string, unknown][] => {
    const given = items.get(output.name);
    return given ? [[output.name, platformValue(output, given)]] : [];
  });
  for (const [name, value] of values) if (name !== RETURN) extraOutputs.set(name, value);
  return values.find(([name]) => name === RETURN)?.[1];
}

/** Returns what the function wrote, by the name of the output. The body is for `$return`, unless the status is 204. */
function itemsByName(response: GuestResponse): Map<string, Item[]> {
  const { status, body, parts } = response;
  const items = new Map<string, Item[]>();
  for (const { name, kind, range } of parts?.outputs ?? []) {
    const item = { kind, bytes: partOf(body, range) };
    const others = items.get(name);
    if (others) others.push(item);
    else items.set(name, [item]);
  }
  if (status !== 204 && !items.has(RETURN)) items.set(RETURN, [{ kind: 'json', bytes: bodyOf(response) }]);
  return items;
}

/** Returns what stands for the items in `extraOutputs`. There is at least one item. */
function platformValue(output: Binding, items: readonly Item[]): unknown {
  const only = items.length === 1 ? items[0] : undefined;
  if (hasType(output, 'blob')) {
    if (only) return only.bytes;
    throw new OutputRefused(
      `the output "${output.name}" is a blob, but the function returned ${items.length} of it`,
    );
  }
  if (hasType(output, 'queue', 'eventhub') && only) return only.bytes;
  if (hasType(output, 'queue', 'eventhub', 'servicebus'))
    return items.map((item, index) => text(output, item, index));
  const value = hasType(output, 'table', 'cosmosdb', 'eventgrid') ? json : byKind;
  if (only) return only.kind === 'bytes' && value === byKind ? only.bytes : value(output, only, 0);
  return items.map((item, index) => value(output, item, index));
}

function byKind(output: Binding, item: Item, index: number): unknown {
  return item.kind === 'json' ? json(output, item, index) : text(output, item, index);
}

/** Returns an item as text. A byte order mark is kept. */
function text({ name, type }: Binding, { bytes }: Item, index: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OutputRefused(
      hasType({ type }, 'servicebus')
        ? `message ${index + 1} of the output "${name}" is not UTF-8, but Service Bus outputs are text`
        : `message ${index + 1} of the output "${name}" is not UTF-8: only a single message may have any bytes`,
    );
  }
}

function json(output: Binding, item: Item, index: number): unknown {
  const place = `item ${index + 1} of the output "${output.name}"`;
  try {
    return parseExactly(new TextDecoder('utf-8', { fatal: true }).decode(item.bytes));
  } catch (error) {
    throw new OutputRefused(`${place} is not JSON: ${errorMessage(error)}`);
  }
}
