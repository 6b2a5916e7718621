// Calls the flagship app over HTTP: every function, with good and bad input. All implementations must answer the same.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { post, startHost } from './host.mjs';
import { generator, json, kinds, matrix } from './random.mjs';

let host;
before(async () => {
  host = await startHost();
});
after(() => host?.stop());

const multiplications = ['multiply-mathjs', 'multiply-ndarray', 'multiply-rust'];
const inRust = ['multiply-ndarray', 'multiply-rust'];

test('the functions without work say hello', async () => {
  for (const [name, text] of [
    ['hello-node', 'Hello from Node.js'],
    ['hello-rust', 'Hello from Rust'],
  ]) {
    const response = await fetch(`${host.url}/api/${name}`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), text);
  }
});

describe('good input', () => {
  const pairs = [
    ['a list of two matrices', '[[[1,2],[3,4]],[[5,6],[7,8]]]', '{"result":[[19,22],[43,50]]}'],
    ['an object', '{"matrixOne":[[1,2]],"matrixTwo":[[3],[4]]}', '{"result":[[11]]}'],
    ['members in the other order', '{"matrixTwo":[[3],[4]],"matrixOne":[[1,2]]}', '{"result":[[11]]}'],
    [
      'ndarray twice',
      '[{"v":1,"dim":[1,2],"data":[1,2]},{"v":1,"dim":[2,1],"data":[3,4]}]',
      '{"result":{"v":1,"dim":[1,1],"data":[11]}}',
    ],
    [
      'ndarray first',
      '[{"v":1,"dim":[1,2],"data":[1,2]},[[3],[4]]]',
      '{"result":{"v":1,"dim":[1,1],"data":[11]}}',
    ],
    ['ndarray second', '[[[1,2]],{"v":1,"dim":[2,1],"data":[3,4]}]', '{"result":[[11]]}'],
  ];
  for (const [what, body, expected] of pairs) {
    test(`${what} is multiplied`, async () => {
      for (const name of multiplications) {
        const answer = await post(host, name, body);
        assert.equal(answer.status, 200, `${name}: ${answer.text}`);
        assert.equal(answer.type, 'application/json', name);
        if (name === 'multiply-ndarray') assert.deepEqual(JSON.parse(answer.text), JSON.parse(expected));
        else assert.equal(answer.text, expected, name);
      }
    });
  }

  test('operands can be vectors and numbers, as in Math.js', async () => {
    const bodies = [
      '[[1,2],[3,4]]',
      '[[1,2],[[3],[4]]]',
      '[[[1,2],[3,4]],[5,6]]',
      '[2,[[1.1,-0]]]',
      '[[1,2],0.1]',
      '[2,3]',
    ];
    for (const body of bodies) {
      const [expected, answer] = [
        await post(host, 'multiply-mathjs', body),
        await post(host, 'multiply-rust', body),
      ];
      assert.equal(expected.status, 200, body);
      assert.equal(answer.text, expected.text, body);
    }
  });

  test('numbers are printed as in JavaScript', async () => {
    const numbers = [
      '1e21',
      '1e20',
      '0.000001',
      '1e-7',
      '-0',
      '5e-324',
      '1e400',
      '33093792212857.5625',
      '0.1',
    ];
    const body = `[[${numbers.map((number) => `[${number}]`)}],[[1]]]`;
    const [expected, answer] = [
      await post(host, 'multiply-mathjs', body),
      await post(host, 'multiply-rust', body),
    ];
    assert.equal(answer.text, expected.text);
    assert.match(answer.text, /1e\+21.*100000000000000000000.*0\.000001.*1e-7.*\[0\].*null/);
  });

  test('random products agree: in all bytes for multiply-rust, within 1e-12 for multiply-ndarray', async () => {
    const random = generator(2019);
    let compared = 0;
    for (let round = 0; round < 60; round++) {
      const [rows, inner, columns] = [1 + random.below(40), 1 + random.below(40), 1 + random.below(40)];
      const kind = kinds[random.pick(Object.keys(kinds))];
      const [one, two] = [matrix(random, rows, inner, kind), matrix(random, inner, columns, kind)];
      const body = `[${json(one, random.pick(['rows', 'ndarray']), random.pick(['', ' ', '\n\t']))},${json(two, random.pick(['rows', 'ndarray']))}]`;
      const [expected, answer] = [
        await post(host, 'multiply-mathjs', body),
        await post(host, 'multiply-rust', body),
      ];
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.text, expected.text, `round ${round}`);
      if (kind === kinds.uniform) assertClose(await post(host, 'multiply-ndarray', body), expected);
      compared++;
    }
    assert.equal(compared, 60);
  });
});

function numbersOf(answer) {
  const { result } = JSON.parse(answer.text);
  return Array.isArray(result) ? result.flat() : result.data;
}

function assertClose(answer, expected) {
  const [numbers, wanted] = [numbersOf(answer), numbersOf(expected)];
  assert.equal(numbers.length, wanted.length);
  for (const [index, number] of numbers.entries()) {
    const tolerance = 1e-12 * Math.abs(wanted[index]);
    assert.ok(Math.abs(number - wanted[index]) <= tolerance, `${index}: ${number} and ${wanted[index]}`);
  }
}

describe('bad input is answered with a problem, and the next request is answered', () => {
  const everywhere = [
    ['not JSON', '[[[1,2],[3,4]],oops]'],
    ['trailing garbage', '[[[1]],[[2]]]x'],
    ['one matrix', '[[[1]]]'],
    ['three matrices', '[[[1]],[[1]],[[1]]]'],
    ['a missing member', '{"matrixOne":[[1]]}'],
    ['ragged rows', '[[[1,2],[3]],[[1,2],[3,4]]]'],
    ['inner dimensions that differ', '[[[1,2]],[[1,2]]]'],
    ['an empty body', ''],
    ['empty matrices', '[[],[]]'],
    ['matrices of empty rows', '[[[]],[[]]]'],
    ['a dimension that the data do not fill', '[{"v":1,"dim":[1000000,1000000],"data":[1]},[[1]]]'],
    ['a text', '"matrix"'],
    ['null', 'null'],
    ['a leading zero', '[[[01]],[[1]]]'],
  ];
  const onlyInRust = [
    ['true', '[[[true]],[[1]]]'],
    ['a text for a number', '[[["1"]],[[1]]]'],
  ];

  for (const [names, cases] of [
    [multiplications, everywhere],
    [inRust, onlyInRust],
  ]) {
    for (const [what, body] of cases) {
      test(`${what} is refused`, async () => {
        for (const name of names) await assertProblem(name, body);
      });
    }
  }

  test('invalid UTF-8 is refused', async () => {
    const body = Buffer.concat([
      Buffer.from('{"'),
      Buffer.from([0xff]),
      Buffer.from('":1,"matrixOne":[[1]],"matrixTwo":[[1]]}'),
    ]);
    for (const name of inRust) await assertProblem(name, body);
  });

  test('multiply-rust names the place of the mistake', async () => {
    const { offset } = JSON.parse((await post(host, 'multiply-rust', '[[[1,2],[3,x]],[[1]]]')).text);
    assert.equal(offset, 11);
    const ragged = JSON.parse((await post(host, 'multiply-rust', '[[[1,2],[3]],[[1],[2]]]')).text);
    assert.match(ragged.detail, /row/);
  });

  // The memory has no room for the first product, and none for the text of the second.
  for (const size of [30_000, 7000])
    test(`a product of ${size}x${size} is larger than the memory and is refused`, async () => {
      const [column, row] = [Array(size).fill('[1]'), Array(size).fill('1')];
      await assertProblem('multiply-rust', `[[${column}],[[${row}]]]`);
      const { status, text } = await post(host, 'multiply-rust', `[[${column}],[[${row}]]]`);
      assert.equal(status, 413);
      const { detail } = JSON.parse(text);
      assert.equal(detail, `the product would be ${size}x${size}, more than the memory has room for`);
    });

  test('multiply-ndarray refuses another content type, because it may be a form of another site', async () => {
    const init = { headers: { 'content-type': 'text/plain' } };
    const body = '[[[2]],[[3]]]';
    const { status, text } = await post(host, 'multiply-ndarray', body, init);
    assert.equal(status, 415);
    assert.match(JSON.parse(text).detail, /`text\/plain`.*send the header `Content-Type: application\/json`/);
    for (const name of ['multiply-mathjs', 'multiply-rust'])
      assert.equal((await post(host, name, body, init)).text, '{"result":[[6]]}', name);
  });

  test('the wrong method is refused', async () => {
    for (const name of multiplications) {
      const response = await fetch(`${host.url}/api/${name}`);
      assert.ok(response.status === 404 || response.status === 405, `${name}: ${response.status}`);
      await response.arrayBuffer();
    }
  });

  async function assertProblem(name, body) {
    const answer = await post(host, name, body);
    assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status} ${answer.text}`);
    assert.match(answer.type ?? '', /application\/problem\+json/, name);
    const problem = JSON.parse(answer.text);
    assert.equal(problem.status, answer.status);
    assert.ok(problem.detail.length > 8, `${name} says too little: ${answer.text}`);
    const good = await post(host, name, '[[[2]],[[3]]]');
    assert.deepEqual(JSON.parse(good.text), { result: [[6]] });
  }
});

describe("NumPy's format", () => {
  const npy = (rows, columns, numbers) => {
    const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`.padEnd(117);
    const header = Buffer.concat([Buffer.from([0x93]), Buffer.from(`NUMPY\u0001\u0000v\u0000${text}\n`)]);
    return Buffer.concat([header, new Uint8Array(Float64Array.from(numbers).buffer)]);
  };
  const send = (body, headers, query = '') =>
    fetch(`${host.url}/api/multiply-rust${query}`, { method: 'POST', body, headers });
  const arrays = Buffer.concat([npy(2, 2, [1, 2, 3, 4]), npy(2, 1, [5, 6])]);
  const npyType = 'application/x-npy';

  test('is read and written, and Accept can choose the other format', async () => {
    const product = npy(2, 1, [17, 39]);
    const answer = await send(arrays, { 'content-type': npyType });
    assert.equal(answer.headers.get('content-type'), npyType);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), product);
    const asJson = await send(arrays, { 'content-type': npyType, accept: 'application/json' });
    assert.deepEqual(await asJson.json(), { result: [[17], [39]] });
    const fromJson = await send('[[[1,2],[3,4]],[[5],[6]]]', { accept: npyType });
    assert.deepEqual(Buffer.from(await fromJson.arrayBuffer()), product);
  });

  test('is refused with a reason if the arrays are cut off or no format is acceptable', async () => {
    const broken = await send(arrays.subarray(0, 150), { 'content-type': npyType });
    assert.equal(broken.status, 400);
    assert.match((await broken.json()).detail, /matrixOne|matrixTwo|array/);
    const unknown = await send(arrays, { 'content-type': npyType, accept: 'text/csv' });
    assert.equal(unknown.status, 406);
    assert.match((await unknown.json()).detail, /application\/x-npy/);
  });
});
