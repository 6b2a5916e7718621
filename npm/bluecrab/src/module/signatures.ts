// How many values the functions of a module take and return, read from its sections.

import { limits, type Reader, skipValueType } from './sections';

/** How many values a function or block takes and returns. */
export interface Arity {
  parameters: number;
  results: number;
}

const [TYPE, IMPORT, FUNCTION, TAG] = [1, 2, 3, 13];
const FUNCTION_TYPE = 0x60;
const [TABLE_IMPORT, MEMORY_IMPORT, GLOBAL_IMPORT, TAG_IMPORT] = [1, 2, 3, 4];

/** Exceptions lie in V8's heap, and a module may keep as many as its stack has frames. Compilers use one or two values. */
const MAX_EXCEPTION_VALUES = 16;

export class Signatures {
  readonly types: Arity[] = [];
  /** The types of all functions, imported functions first. */
  readonly functions: number[] = [];
  /** The types of all exceptions, imported exceptions first. */
  readonly tags: number[] = [];
  /** How many functions are imported. */
  imported = 0;

  /**
   * Reads a section; ignores those that have no signatures.
   *
   * @throws Error if the section has a type that is not a function's, or an exception has too many values
   */
  read(id: number, reader: Reader): void {
    if (id === TYPE) this.#readTypes(reader);
    if (id === IMPORT) this.#readImports(reader);
    if (id === FUNCTION)
      for (let count = reader.next(); count > 0; count--) this.functions.push(reader.next());
    if (id === TAG) for (let count = reader.next(); count > 0; count--) this.#readTag(reader);
  }

  ofFunction(index: number): Arity {
    return this.ofType(this.functions[index] ?? -1);
  }

  ofTag(index: number): Arity {
    return this.ofType(this.tags[index] ?? -1);
  }

  /** @throws Error if the module has no such type, like the functions above */
  ofType(index: number): Arity {
    const type = this.types[index];
    if (type === undefined) throw new Error('it refers to a type that it does not have');
    return type;
  }

  /** The most values that a function or block takes or returns, and that one instruction puts on the operand stack. */
  get most(): { passed: number; pushed: number } {
    const most = (values: number[]) => values.reduce((most, count) => Math.max(most, count), 1);
    const results = most(this.types.map(({ results }) => results));
    const parameters = most(this.types.map(({ parameters }) => parameters));
    const caught = most(this.tags.map((tag) => this.ofType(tag).parameters));
    return { passed: Math.max(parameters, results), pushed: Math.max(results, caught) };
  }

  /** Refuses the types of garbage-collected objects: such objects lie in V8's heap and cannot be limited. */
  #readTypes(reader: Reader): void {
    for (let types = reader.next(); types > 0; types--) {
      if (reader.next() !== FUNCTION_TYPE) {
        throw new Error('it has types of garbage-collected objects, whose memory cannot be limited');
      }
      this.types.push({ parameters: skipValueTypes(reader), results: skipValueTypes(reader) });
    }
  }

  #readImports(reader: Reader): void {
    for (let count = reader.next(); count > 0; count--) {
      skipName(reader);
      skipName(reader);
      const kind = reader.next();
      if (kind === TAG_IMPORT) this.#readTag(reader);
      else if (kind === TABLE_IMPORT || kind === GLOBAL_IMPORT) skipValueType(reader);
      if (kind === TABLE_IMPORT || kind === MEMORY_IMPORT) limits(reader);
      else if (kind === GLOBAL_IMPORT) reader.next();
      else if (kind !== TAG_IMPORT) this.imported = this.functions.push(reader.next());
    }
  }

  #readTag(reader: Reader): void {
    reader.next();
    const { parameters } = this.ofType(this.tags[this.tags.push(reader.next()) - 1] ?? -1);
    if (parameters <= MAX_EXCEPTION_VALUES) return;
    throw new Error(`an exception has ${parameters} values; the most is ${MAX_EXCEPTION_VALUES}`);
  }
}

function skipValueTypes(reader: Reader): number {
  const count = reader.next();
  for (let rest = count; rest > 0; rest--) skipValueType(reader);
  return count;
}

function skipName(reader: Reader): void {
  const length = reader.next();
  reader.at += length;
}
