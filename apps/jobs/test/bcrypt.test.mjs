import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('bcrypt');
});
after(() => job?.stop());

const salt = '00112233445566778899aabbccddeeff';
const passwords = [
  '',
  'a',
  'correct horse battery staple',
  'pässwörd 密码 🦀',
  'x'.repeat(72),
  'y'.repeat(100),
];

test('both sides make the same hashes and verify each other', async () => {
  for (const [index, password] of passwords.entries()) {
    const cost = 4 + (index % 3);
    const { text: hash } = await job.sameBytes('hash', JSON.stringify({ password, salt, cost }));
    assert.match(hash, /^\$2b\$0[456]\$.{53}$/);
    const verify = async (password) =>
      (await job.sameBytes('verify', JSON.stringify({ password, hash }))).text;
    assert.equal(await verify(password), 'true');
    assert.equal(await verify(`!${password}`), 'false');
  }
});

test('known hashes are verified', async () => {
  // Test vectors from Openwall's crypt_blowfish 1.3, which is in the public domain.
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const long = `0123456789${letters}${letters.toUpperCase()}0123456789`;
  for (const [password, hash] of [
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
    [`${long}chars after 72 are ignored`, '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'],
  ])
    assert.equal((await job.sameBytes('verify', JSON.stringify({ password, hash }))).text, 'true', password);
});

test('JSON with another content type is refused', async () => {
  const hash = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
  await job.takesOnlyJson('hash', JSON.stringify({ password: 'a', salt, cost: 4 }));
  await job.takesOnlyJson('verify', JSON.stringify({ password: 'a', hash }));
});

test('wrong passwords, salts, costs and hashes are refused', async () => {
  const wrong = [
    {},
    { password: 1, salt, cost: 4 },
    { password: 'a', salt: '00', cost: 4 },
    { password: 'a', salt, cost: 3 },
  ];
  for (const body of ['', '{', ...wrong.map((body) => JSON.stringify(body))]) await job.refused('hash', body);
  await job.refused('hash', JSON.stringify({ password: 'a', salt, cost: 31 }));
  await job.refused('hash', JSON.stringify(['a', salt, 4]));
  await job.refused('hash', `{"password":"\\ud800","salt":"${salt}","cost":4}`);
  await job.sameBytes('hash', `{"password":"\\u0000a","salt":"${salt}","cost":4.0,"other":1}`);
  const good = '$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
  for (const hash of [
    '',
    'x',
    7,
    [good],
    '$2b$04$short',
    good.replace('2b', '2x'),
    good.replace('04', '+4'),
    good.replace('04', ' 4'),
    good.replace('04', '4'),
    good.replace('E', 'é'),
    `${good}x`,
    `${good}\n`,
    good.replace('.', 'C'),
    good.replace(/W$/, 'X'),
  ])
    await job.refused('verify', JSON.stringify({ password: 'a', hash }));
  await job.refused('verify', JSON.stringify(['a', good]));
});

test('a cost outside of the bounds is refused before the hash is calculated', async () => {
  for (const cost of ['00', '03', '15', '31', '99']) {
    const hash = `$2b$${cost}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`;
    const both = await job.refused('verify', JSON.stringify({ password: 'a', hash }));
    for (const text of both) assert.match(text, /cost: expected .* 4 to 14/);
  }
});
