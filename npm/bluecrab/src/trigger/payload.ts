// The body of a call: what the trigger brought, followed by the inputs. See docs/abi.md, section 13.

import type { InvocationContext } from '@azure/functions';
import { bytesBody, type Range, type RequestBody } from '../guest';
import { type Binding, hasType, type Trigger } from '../module/bindings';
import { bytesOf } from './bytes';

/** Where the items and the inputs are in the body, for the request head. */
export interface Layout {
  items?: Range[];
  inputs?: Record<string, Range>;
}

/** Several bodies, one after the other. */
export class Payload implements RequestBody {
  length = 0;
  readonly layout: Layout = {};
  readonly #parts: RequestBody[] = [];

  /** Adds what the trigger brought: the items of a batch, or one item. */
  addItems(items: readonly RequestBody[]): void {
    this.layout.items = items.map((item) => this.#add(item));
  }

  addInputs(inputs: readonly Input[]): void {
    this.layout.inputs = Object.fromEntries(inputs.map(({ name, bytes }) => [name, this.#add(bytes)]));
  }

  copyTo(target: Uint8Array, offset: number): void {
    let end = offset;
    for (const part of this.#parts) {
      part.copyTo(target, end);
      end += part.length;
    }
  }

  release(): void {
    for (const part of this.#parts) part.release();
  }

  #add(part: RequestBody): Range {
    const range: Range = [this.length, part.length];
    this.#parts.push(part);
    this.length += part.length;
    return range;
  }
}

/** An input that exists. */
export interface Input {
  name: string;
  bytes: RequestBody;
}

/** Reads the inputs of an invocation. An input that does not exist, such as a missing blob, is left out. */
export function readInputs(inputs: readonly Binding[], { extraInputs }: InvocationContext): Input[] {
  return inputs.flatMap(({ name }) => {
    const value = extraInputs.get(name);
    return value === undefined || value === null ? [] : [{ name, bytes: bytesBody(bytesOf(value)) }];
  });
}

/** Returns the items that a trigger brought: several if it brings batches. */
export function itemsOf(trigger: Trigger, value: unknown): RequestBody[] {
  if (isBatch(trigger)) return [value ?? []].flat().map((item) => bytesBody(bytesOf(item)));
  return [bytesBody(bytesOf(hasType(trigger, 'mcptooltrigger') ? argumentsOf(value) : value))];
}

export function isBatch({ cardinality }: Trigger & { cardinality?: unknown }): boolean {
  return String(cardinality).toLowerCase() === 'many';
}

/** Returns the arguments of a call of an MCP tool. The session and the client are in the trigger's metadata. */
function argumentsOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('arguments' in value)) return {};
  return value.arguments ?? {};
}
