//! What a search has looked at so far: one small file a value, kept until the search is whole.
use std::fs;
use std::io;
use std::path::Path;

use super::FolderError;
use super::manifest::sha256;
use super::staging::failed;
use super::study::put_study;
use crate::report::summary::ENGINE_VERSION;
use crate::stats::Units;
use crate::study::objective::Sample;

/// First bytes of the file of a look.
const MAGIC: &[u8] = b"driftband look 2\n";
/// Units of paths by their number in the file.
const UNITS: [Units; 3] = [Units::Paths, Units::Pairs, Units::Replicates];
/// Letters of a digest.
const DIGEST: usize = 64;

/// Name of the look at one policy of the scenario of that hash by that objective; another version of the program has others.
pub fn look_name(hash: &str, policy: &str, objective: &str) -> String {
    let digest = sha256([ENGINE_VERSION, hash, policy, objective].join("\n").as_bytes());
    format!("{}.look", digest.get(..16).unwrap_or(&digest))
}

/// Keeps a look.
///
/// # Errors
///
/// Names the path; a look is there whole or not at all.
pub fn keep_look(dir: &Path, name: &str, sample: &Sample) -> Result<(), FolderError> {
    let mut bytes = MAGIC.to_vec();
    let units = UNITS.iter().position(|units| *units == sample.units).unwrap_or_default();
    bytes.push(units as u8);
    for number in std::iter::once(&sample.value).chain(&sample.influence) {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let digest = sha256(&bytes);
    bytes.extend_from_slice(digest.as_bytes());
    put_study(dir, &[(name.to_owned(), bytes)])
}

/// A look that was kept, to the bit; none where there is none, or it is damaged.
pub fn kept_look(dir: &Path, name: &str) -> Option<Sample> {
    let bytes = fs::read(dir.join(name)).ok()?;
    let (body, digest) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
    if sha256(body).as_bytes() != digest {
        return None;
    }
    let (units, body) = body.strip_prefix(MAGIC)?.split_first()?;
    let units = *UNITS.get(usize::from(*units))?;
    let numbers = body.chunks_exact(size_of::<f64>());
    let mut numbers = numbers.map(|chunk| chunk.try_into().map_or(f64::NAN, f64::from_le_bytes));
    Some(Sample { value: numbers.next()?, influence: numbers.collect(), units })
}

/// Forgets the looks of a search that is whole, or is to begin anew.
///
/// # Errors
///
/// Names the path.
pub fn forget_looks(dir: &Path) -> Result<(), FolderError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", dir)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_comes_back_to_the_bit_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let influence = vec![1.0 / 3.0, -0.0, 5e-324, f64::MAX];
        let sample = Sample { value: -0.1, influence, units: Units::Replicates };
        let name = look_name("hash", "policy", "std");
        assert!(kept_look(dir.path(), &name).is_none());
        keep_look(dir.path(), &name, &sample).expect("a writable folder");
        let bits = |sample: &Sample| -> Vec<u64> { sample.influence.iter().map(|x| x.to_bits()).collect() };
        let found = kept_look(dir.path(), &name).expect("it was kept");
        assert_eq!(found.units, Units::Replicates);
        assert_eq!((found.value.to_bits(), bits(&found)), (sample.value.to_bits(), bits(&sample)));
        assert_ne!(name, look_name("hash", "policy", "mean"));
        let path = dir.path().join(&name);
        let mut bytes = fs::read(&path).expect("the look");
        bytes[MAGIC.len() + 3] ^= 1;
        fs::write(&path, bytes).expect("a writable file");
        assert!(kept_look(dir.path(), &name).is_none(), "a damaged look is none");
        forget_looks(dir.path()).expect("it can go");
        forget_looks(dir.path()).expect("what is gone is gone");
    }
}
