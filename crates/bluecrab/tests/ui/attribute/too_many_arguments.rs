use bluecrab::{Headers, http};

#[http]
#[rustfmt::skip]
fn rows(_a: Headers, _b: Headers, _c: Headers, _d: Headers, _e: Headers, _f: Headers, _g: Headers, _h: Headers, _i: Headers, _j: Headers, _k: Headers, _l: Headers, _m: Headers) {}

fn main() {}
