// The header fields of wasi:http/types.

import { MAX_FIELDS, MAX_HEAD_BYTES, TOKEN } from '../guest';
import { hold, Resource } from './usage';

export type Field = [string, Uint8Array];

/** How many bytes of V8's heap a field takes in addition to its name and value. */
const FIELD_BYTES = 200;

export class Fields extends Resource {
  #fields: Field[] = [];
  #length = 0;
  #isImmutable = false;

  static fromList(fields: Field[]): Fields {
    const made = new Fields();
    for (const [name, value] of fields) made.append(name, value);
    return made;
  }

  /** Returns the fields of a request, which the component must not change. */
  static received(headers: readonly [string, string][]): Fields {
    const made = new Fields();
    made.#set(headers.map(([name, value]) => [name, Buffer.from(value, 'latin1')]));
    made.#isImmutable = true;
    return made;
  }

  get(name: string): Uint8Array[] {
    return this.#fields.flatMap(([given, value]) => (isSame(given, name) ? [value] : []));
  }

  has(name: string): boolean {
    return this.#fields.some(([given]) => isSame(given, name));
  }

  set(name: string, values: Uint8Array[]): void {
    this.delete(name);
    for (const value of values) this.append(name, value);
  }

  delete(name: string): void {
    if (this.#isImmutable) throw { tag: 'immutable' };
    this.#set(this.#fields.filter(([given]) => !isSame(given, name)));
  }

  append(name: string, value: Uint8Array): void {
    if (this.#isImmutable) throw { tag: 'immutable' };
    const length = lengthOf(name, value);
    check(this.#fields.length + 1, this.#length + length);
    if (!TOKEN.test(name) || value.some((byte) => (byte < 32 && byte !== 9) || byte === 127)) {
      throw { tag: 'invalid-syntax' };
    }
    hold(length + FIELD_BYTES);
    this.#fields.push([name, Uint8Array.from(value)]);
    this.#length += length;
  }

  /**
   * Returns the fields of a response.
   *
   * @throws Error if they exceed the limits: they may come from the request, which has other limits
   */
  forResponse(): Field[] {
    check(this.#fields.length, this.#length);
    return this.#fields;
  }

  entries(): Field[] {
    return this.#fields;
  }

  clone(): Fields {
    return Fields.fromList(this.#fields);
  }

  /** Returns the same fields, which the component must not change. */
  immutable(): Fields {
    const made = new Fields();
    made.#set(this.#fields);
    made.#isImmutable = true;
    return made;
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#set([]);
  }

  #set(fields: Field[]): void {
    const length = fields.reduce((sum, [name, value]) => sum + lengthOf(name, value), 0);
    hold(length - this.#length + (fields.length - this.#fields.length) * FIELD_BYTES);
    [this.#fields, this.#length] = [fields, length];
  }
}

function check(count: number, length: number): void {
  if (count > MAX_FIELDS) throw new Error(`it sets more than ${MAX_FIELDS} header fields`);
  if (length > MAX_HEAD_BYTES) throw new Error(`its header fields are longer than ${MAX_HEAD_BYTES} bytes`);
}

function lengthOf(name: string, value: Uint8Array): number {
  return name.length + value.length;
}

function isSame(one: string, two: string): boolean {
  return one.toLowerCase() === two.toLowerCase();
}
