// Between bytes and values, for the contenders in JavaScript.

/** The text of bytes. */
export const text = (bytes) => bytes.toString('utf8');

/** The bytes of an answer. */
export const answer = (value) => Buffer.from(JSON.stringify({ result: value }));
