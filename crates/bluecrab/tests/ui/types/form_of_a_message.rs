use bluecrab::header::ContentType;
use bluecrab::{Header, Multipart, queue};

#[queue("jobs")]
fn read(_form: Multipart) {}

#[queue("jobs")]
fn look(_media_type: Header<ContentType>, _body: String) {}

fn main() {}
