//! The certificate of `bluecrab dev --https`, which is made once for this user.

use anyhow::{Context, Result};
use bluecrab_host::Identity;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The file of the certificate.
const NAME: &str = "localhost.pem";
/// How long a certificate is valid. Some systems do not trust a certificate that is valid for longer than 825 days.
const VALID_DAYS: i64 = 820;
/// A new certificate is made when the old one would end soon.
const USED_FOR: Duration = Duration::from_secs(800 * 24 * 60 * 60);

/// Returns the certificate and its private key.
///
/// # Errors
/// Returns an error if they cannot be read or made.
pub fn identity() -> Result<Identity> {
    identity_in(&folder()?)
}

fn identity_in(folder: &Path) -> Result<Identity> {
    let (certificate, key, lock) = (folder.join(NAME), folder.join("localhost.key"), folder.join("lock"));
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // Another process must not read or make one of the two files while this one makes the other.
    let locked = File::create(&lock).and_then(|lock| lock.lock().map(|()| lock));
    let _locked = locked.with_context(|| format!("cannot lock {}", lock.display()))?;
    if !is_fresh(&certificate) || !key.is_file() {
        make(&certificate, &key)?;
        bluecrab_host::step(
            "host",
            &format!("made a certificate for https://localhost: let your browser trust {}", certificate.display()),
        );
    }
    let read = |file: &Path| fs::read(file).with_context(|| format!("cannot read {}", file.display()));
    Ok(Identity { certificate: read(&certificate)?, private_key: read(&key)? })
}

/// Returns the file with the certificate.
///
/// # Errors
/// Returns an error if the user has no folder for it.
pub fn file() -> Result<PathBuf> {
    Ok(folder()?.join(NAME))
}

fn folder() -> Result<PathBuf> {
    let cache = bluecrab_host::cache_folder().context("cannot find the user's folder for caches: set HOME")?;
    Ok(cache.join("https"))
}

fn is_fresh(file: &Path) -> bool {
    let written = file.metadata().and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| SystemTime::now().duration_since(written).is_ok_and(|age| age < USED_FOR))
}

fn make(certificate: &Path, key: &Path) -> Result<()> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut parameters = CertificateParams::new(names).context("cannot make a certificate")?;
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "bluecrab dev");
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let day = |days: i64| {
        let day = Timestamp::now().to_zoned(TimeZone::UTC).date().saturating_add(days.days());
        date_time_ymd(day.year().into(), day.month().cast_unsigned(), day.day().cast_unsigned())
    };
    (parameters.not_before, parameters.not_after) = (day(-1), day(VALID_DAYS));
    let pair = KeyPair::generate().context("cannot make a key for the certificate")?;
    let signed = parameters.self_signed(&pair).context("cannot make a certificate")?;
    let write = |file: &Path, text: String| {
        bluecrab_host::replace_private_file(file, text.as_bytes())
            .with_context(|| format!("cannot write {}", file.display()))
    };
    write(key, pair.serialize_pem())?;
    write(certificate, signed.pem())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_first_starts_at_once_get_one_certificate_and_its_key() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("https");
        let identities: Vec<Identity> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| identity_in(&folder).unwrap())).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        for identity in &identities {
            identity.acceptor().unwrap();
            assert_eq!(identity.certificate, identities[0].certificate);
            assert_eq!(identity.private_key, identities[0].private_key);
        }
    }
}
