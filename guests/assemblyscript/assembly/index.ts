// The functions echo, multiply, panic and shout in AssemblyScript.

import { Output, respond, respondOutputs, respondText, respondTyped } from '../../../crates/bluecrab-cli/templates/languages/assemblyscript/bluecrab';
import { multiplyInto } from './multiply';
import { Matrix, read, Started } from './npy';

export { bluecrab_alloc } from '../../../crates/bluecrab-cli/templates/languages/assemblyscript/bluecrab';

/** The request head holds only the content type, so it can be used as the response head. */
export function echo(head: usize, headLength: usize, body: usize, bodyLength: usize): usize {
  return respond(200, head, headLength, body, bodyLength);
}

export function multiply(_head: usize, _headLength: usize, body: usize, bodyLength: usize): usize {
  const response = answer(body, body + bodyLength);
  if (body !== 0) heap.free(body);
  return response;
}

function answer(at: usize, end: usize): usize {
  const one = read(at, end);
  const two = one ? read(one.end, end) : null;
  if (!one || !two || two.end !== end) {
    return badRequest('expected two .npy arrays, float64 matrices in C order');
  }
  if (one.columns !== two.rows) return badRequest(misfit(one, two));
  const product = new Started(one.rows, two.columns);
  multiplyInto(product.numbers, one, two);
  return respondTyped(200, 'application/x-npy', product.at, product.length);
}

function misfit(one: Matrix, two: Matrix): string {
  return (
    `matrixOne is ${one.rows}x${one.columns} and matrixTwo is ${two.rows}x${two.columns}: the columns of ` +
    `matrixOne (${one.columns}) must be as many as the rows of matrixTwo (${two.rows})`
  );
}

function badRequest(detail: string): usize {
  const problem = `{"detail":"${detail}","status":400,"title":"Bad Request","type":"about:blank"}`;
  return respondText(400, 'application/problem+json', problem);
}

export function panic(_head: usize, _headLength: usize, _body: usize, _bodyLength: usize): usize {
  throw new Error('this function ends in an exception');
}

/** Sends each message on in capital letters. A status from 400 on fails the invocation, and the body says why. */
export function shout(_head: usize, _headLength: usize, body: usize, bodyLength: usize): usize {
  if (bodyLength === 0) return respondText(422, 'text/plain', 'the message is empty');
  for (let at = body; at < body + bodyLength; at++) {
    const letter = load<u8>(at);
    if (letter >= 0x61 && letter <= 0x7a) store<u8>(at, letter - 0x20);
  }
  return respondOutputs([new Output('shouted', 'bytes', 0, bodyLength)], body, bodyLength);
}
