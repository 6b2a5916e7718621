// Random numbers and words from a seed, so that the payloads are the same on every machine.

import { generator } from '../matrix/test/random.mjs';

export function random(seed) {
  const { bits } = generator(seed);
  const next = () => bits() / 2 ** 32;
  const below = (end) => Math.floor(next() * end);
  return { next, below, pick: (list) => list[below(list.length)], chance: (share) => next() < share };
}

const WORDS =
  `account address all amount answer any bank before below book bridge call carry change city clear cloud
  code cold count country cross day deep door early earth engine even field fire first flow follow form garden glass
  green ground half hand harbour heavy hold house idea iron island just keep kind land large last leave letter level
  light line list little long market measure metal middle minute model money morning mountain move name near never
  night number ocean office often open order page paper part people picture place plain plant point power present
  price quick quiet rain reach record rest river road round sample sand school second ship short side silver simple
  small snow song sound south space stand star start station stone story street strong summer surface table tall
  thing thought time tower town trade train travel tree turn under valley value voice wait walk wall watch water
  weather week wheel white wide wind winter wood word work world write year yellow young`.split(/\s+/);

/** Words with spaces between them. As in a real text, some words are more frequent. */
export function words({ next }, count) {
  return Array.from({ length: count }, () => WORDS[Math.floor(next() ** 2 * WORDS.length)]).join(' ');
}
