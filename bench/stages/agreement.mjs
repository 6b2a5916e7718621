// Whether all contenders answer the same.

import assert from 'node:assert/strict';

/** Ours must be Math.js's answer byte for byte, the others its numbers but for rounding. */
export function checkAnswers(entries) {
  const answers = entries.map(({ name, state }) => [name, Buffer.from(state.answer)]);
  const expected = answers.find(([name]) => name === 'Math.js')[1];
  const wanted = numbers(expected);
  for (const [name, answer] of answers) {
    if (name === 'Bluecrab')
      assert.ok(answer.equals(expected), 'Bluecrab and Math.js do not answer the same bytes');
    const found = numbers(answer);
    assert.equal(found.length, wanted.length, name);
    for (const [index, number] of found.entries()) {
      const close = Math.abs(number - wanted[index]) <= 1e-12 * Math.abs(wanted[index]);
      if (!close) throw new Error(`${name} answers ${number} where Math.js has ${wanted[index]} (${index})`);
    }
  }
}

function numbers(answer) {
  const value = JSON.parse(answer);
  return (value.result ?? value.data).flat();
}
