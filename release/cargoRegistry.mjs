// A cargo registry in a folder: an index and `.crate` files. It has the crates of the release and the crates that
// `bluecrab` depends on, which cargo has already downloaded here.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Fills the registry.
 *
 * @param folder the folder of the registry
 * @param metadata what `cargo metadata` says about the crates of the release
 * @param released the folder with their `.crate` files
 * @param cargoHome cargo's own folder
 */
export function fillCargoRegistry(folder, metadata, released, cargoHome) {
  const cache = join(cargoHome, 'registry/cache');
  const places = [released, ...readdirSync(cache).map((name) => join(cache, name))];
  for (const crate of needed(metadata)) {
    const name = `${crate.name}-${crate.version}.crate`;
    const file = places.map((place) => join(place, name)).find((place) => existsSync(place));
    if (!file) throw new Error(`${name} is neither in the release nor among cargo's downloads`);
    const index = join(folder, 'index', indexPath(crate.name));
    mkdirSync(dirname(index), { recursive: true });
    copyFileSync(file, join(folder, name));
    const checksum = createHash('sha256').update(readFileSync(file)).digest('hex');
    writeFileSync(index, `${JSON.stringify(indexEntry(crate, checksum))}\n`, { flag: 'a' });
  }
}

/** The crates of the release, and what a crate of an app needs that depends on `bluecrab`. */
function needed({ packages, resolve, workspace_members: released }) {
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const ids = new Set(packages.filter((crate) => crate.name === 'bluecrab').map((crate) => crate.id));
  for (const id of ids) {
    const dependencies = nodes
      .get(id)
      .deps.filter(({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind !== 'dev'));
    for (const dependency of dependencies) ids.add(dependency.pkg);
  }
  return packages.filter(({ id }) => ids.has(id) || released.includes(id));
}

/** Where the index has a crate, by the length and the first letters of its name. */
function indexPath(name) {
  const prefix = [name.length, `3/${name[0]}`, `${name.slice(0, 2)}/${name.slice(2, 4)}`];
  return join(String(prefix[name.length < 3 ? 0 : name.length === 3 ? 1 : 2]), name);
}

/** https://doc.rust-lang.org/cargo/reference/registry-index.html */
function indexEntry(crate, checksum) {
  return {
    name: crate.name,
    vers: crate.version,
    deps: crate.dependencies.map((dependency) => ({
      name: dependency.rename ?? dependency.name,
      package: dependency.rename ? dependency.name : undefined,
      req: dependency.req,
      features: dependency.features,
      optional: dependency.optional,
      default_features: dependency.uses_default_features,
      target: dependency.target,
      kind: dependency.kind ?? 'normal',
    })),
    cksum: checksum,
    features: {},
    features2: crate.features,
    links: crate.links,
    rust_version: crate.rust_version,
    yanked: false,
    v: 2,
  };
}
