// Estimates the memory that V8's compilers need for a function. At each branch and each block they may copy all local
// variables and the whole operand stack, so a short function can need many gigabytes.

import { type Effect, effects, prefixedEffects } from './instructions';
import { type Reader, skipValueType } from './sections';
import type { Arity, Signatures } from './signatures';

interface Block extends Arity {
  /** How many operands are on the stack below the block's parameters. */
  base: number;
  /** How many values a branch to the block passes on. */
  passed: number;
  catches: boolean;
}

/** What the optimising compiler needs for a value that a branch or call passes on, as measured. */
const VALUE_BYTES = 128;
/** What the baseline compiler needs for a value on the operand stack, at each branch and block. */
const STACK_BYTES = 16;

const NO_VALUES: Arity = { parameters: 0, results: 0 };
const ONE_RESULT: Arity = { parameters: 0, results: 1 };

const [UNREACHABLE, BLOCK, LOOP, IF, ELSE, TRY, CATCH, THROW, RETHROW, THROW_REF, END] = [
  0x00, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
];
const [BR, BR_IF, BR_TABLE, RETURN, CALL, CALL_INDIRECT, RETURN_CALL, RETURN_CALL_INDIRECT] = [
  0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13,
];
const [CALL_REF, RETURN_CALL_REF, DELEGATE, CATCH_ALL, TYPED_SELECT, TRY_TABLE] = [
  0x14, 0x15, 0x18, 0x19, 0x1c, 0x1f,
];
const [BR_ON_NULL, BR_ON_NON_NULL] = [0xd5, 0xd6];
const EMPTY_BLOCK = 0x40;
/** This bit in the alignment of a memory access means that the index of a memory follows. */
const NAMES_MEMORY = 0x40;
/** Kinds of `catch` in a `try_table` that do not name an exception. */
const CATCHES_ALL = [2, 3];

/** Returns an upper bound for any code of this length: each byte may be a branch, and two bytes may fill the stack. */
export function worstMemory(length: number, locals: number, { passed, pushed }: Signatures['most']): number {
  // The worst code fills the stack with half of its bytes and then branches with the other half.
  const stack = (length / 4) * (length / 2) * pushed;
  return length * (locals + 2 * passed) * VALUE_BYTES + stack * STACK_BYTES;
}

/** Adds up the memory for one function. */
export class CompilerMemory {
  readonly #signatures: Signatures;
  readonly #reader: Reader;
  readonly #locals: number;
  readonly #blocks: Block[];
  #height = 0;
  /** The height at the start of the innermost block, below its parameters. */
  #base = 0;
  #bytes = 0;
  /** How many of the open blocks catch exceptions. */
  #handlers = 0;

  /**
   * @param reader - at the first instruction
   * @param locals - how many local variables there are, with the parameters
   */
  constructor(signatures: Signatures, reader: Reader, locals: number, { results }: Arity) {
    this.#signatures = signatures;
    this.#reader = reader;
    this.#locals = locals;
    this.#blocks = [{ parameters: 0, results, base: 0, passed: results, catches: false }];
  }

  /**
   * Returns the number of bytes.
   *
   * @throws Error if an instruction is unknown or the code is cut off. The engine finds other mistakes.
   */
  count(): number {
    while (this.#blocks.length > 0) this.#step(this.#reader.byte());
    return this.#bytes;
  }

  #step(opcode: number): void {
    const effect = effects[opcode] ?? this.#prefixed(opcode);
    if (effect) this.#apply(effect);
    else this.#control(opcode);
  }

  #prefixed(opcode: number): Effect | undefined {
    const prefixed = prefixedEffects.get(opcode);
    return prefixed && (prefixed[this.#reader.next()] ?? unknown(opcode));
  }

  #apply({ operands, results, numbers, bytes, isAccess }: Effect): void {
    if (isAccess) this.#skipAddress();
    for (let count = 0; count < numbers; count++) this.#reader.next();
    this.#reader.at += bytes;
    this.#move(operands, results);
  }

  /** Skips the alignment, the memory if there is one, and the offset. */
  #skipAddress(): void {
    if (this.#reader.next() & NAMES_MEMORY) this.#reader.next();
    this.#reader.next();
  }

  /** Takes operands, of which unreachable code may have fewer, and puts results on the stack. */
  #move(operands: number, results: number): void {
    this.#height = Math.max(this.#height - operands, this.#base) + results;
  }

  #control(opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case UNREACHABLE:
      case RETURN:
      case THROW_REF:
        this.#leave();
        break;
      case BLOCK:
        this.#open(this.#blockType());
        break;
      case LOOP:
        this.#open(this.#blockType(), { isLoop: true });
        break;
      case TRY:
        this.#open(this.#blockType(), { catches: true });
        break;
      case IF:
        this.#move(1, 0);
        this.#open(this.#blockType());
        break;
      case TRY_TABLE:
        this.#openTryTable();
        break;
      case ELSE:
        this.#branch(0);
        this.#restart(this.#block.parameters);
        break;
      case CATCH:
        this.#branch(0);
        this.#restart(this.#signatures.ofTag(reader.next()).parameters);
        break;
      case CATCH_ALL:
        this.#branch(0);
        this.#restart(0);
        break;
      case END:
        this.#close();
        break;
      case DELEGATE:
        reader.next();
        this.#close();
        break;
      case THROW:
        this.#copy(this.#signatures.ofTag(reader.next()).parameters);
        this.#leave();
        break;
      case BR:
      case RETHROW:
        this.#branch(reader.next());
        this.#leave();
        break;
      case BR_IF:
      case BR_ON_NON_NULL:
        this.#move(1, 0);
        this.#branch(reader.next());
        break;
      case BR_ON_NULL:
        this.#branch(reader.next());
        break;
      case BR_TABLE:
        this.#move(1, 0);
        for (let labels = reader.next() + 1; labels > 0; labels--) this.#branch(reader.next());
        this.#leave();
        break;
      case TYPED_SELECT:
        for (let count = reader.next(); count > 0; count--) skipValueType(reader);
        this.#move(3, 1);
        break;
      default:
        this.#call(opcode);
        break;
    }
  }

  #call(opcode: number): void {
    const reader = this.#reader;
    const index = reader.next();
    switch (opcode) {
      case CALL:
      case RETURN_CALL:
        this.#callType(this.#signatures.ofFunction(index));
        break;
      case CALL_INDIRECT:
      case RETURN_CALL_INDIRECT:
        reader.next();
        this.#move(1, 0);
        this.#callType(this.#signatures.ofType(index));
        break;
      case CALL_REF:
      case RETURN_CALL_REF:
        this.#move(1, 0);
        this.#callType(this.#signatures.ofType(index));
        break;
      default:
        unknown(opcode);
    }
    if (opcode === RETURN_CALL || opcode === RETURN_CALL_INDIRECT || opcode === RETURN_CALL_REF)
      this.#leave();
  }

  #callType({ parameters, results }: Arity): void {
    this.#bytes += (parameters + results) * VALUE_BYTES;
    // An exception in the call would branch to the handler.
    if (this.#handlers > 0) this.#copy(0);
    this.#move(parameters, results);
  }

  /** The innermost block. */
  get #block(): Block {
    return this.#blocks.at(-1) as Block;
  }

  /** Counts a branch to the block at this depth. */
  #branch(depth: number): void {
    this.#copy(this.#blocks[this.#blocks.length - 1 - depth]?.passed ?? 0);
  }

  /** Counts what a branch or a block copies: local variables, values that it passes on, and the stack. */
  #copy(passed: number): void {
    this.#bytes += (this.#locals + passed) * VALUE_BYTES + this.#height * STACK_BYTES;
  }

  /** Empties the stack of the block, because the code that follows cannot be reached. */
  #leave(): void {
    this.#height = this.#base;
  }

  /** Leaves only this many values on the stack of the block. */
  #restart(values: number): void {
    this.#height = this.#base + values;
  }

  #open({ parameters, results }: Arity, { isLoop = false, catches = false } = {}): void {
    this.#copy(parameters + results);
    this.#move(parameters, 0);
    this.#base = this.#height;
    const passed = isLoop ? parameters : results;
    this.#blocks.push({ parameters, results, base: this.#base, passed, catches });
    if (catches) this.#handlers++;
    this.#restart(parameters);
  }

  #openTryTable(): void {
    const type = this.#blockType();
    for (let catches = this.#reader.next(); catches > 0; catches--) {
      if (!CATCHES_ALL.includes(this.#reader.byte())) this.#reader.next();
      this.#branch(this.#reader.next());
    }
    this.#open(type, { catches: true });
  }

  #close(): void {
    this.#restart(this.#block.results);
    if (this.#blocks.pop()?.catches) this.#handlers--;
    this.#base = this.#blocks.at(-1)?.base ?? 0;
  }

  #blockType(): Arity {
    const start = this.#reader.at;
    const first = this.#reader.next();
    if (first === EMPTY_BLOCK) return NO_VALUES;
    // The index of a type is a positive signed number. If a single byte has this bit, the number is negative, and the
    // byte is the type of a value.
    if (this.#reader.at > start + 1 || (first & 0x40) === 0) return this.#signatures.ofType(first);
    this.#reader.at = start;
    skipValueType(this.#reader);
    return ONE_RESULT;
  }
}

function unknown(opcode: number): never {
  throw new Error(`the instruction 0x${opcode.toString(16)} is not supported in a function of this length`);
}
