//! The files of a study: each written aside and renamed when whole.
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::FolderError;
use super::staging::{beside, failed, sync};

/// Writes the files into the folder; its cells stay as they are.
///
/// # Errors
///
/// Names the path; a file is as it was or as it shall be, never half.
pub fn put_study(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
    for (name, contents) in files {
        let path = dir.join(name);
        let parent = path.parent().unwrap_or(dir);
        fs::create_dir_all(parent).map_err(failed("create", parent))?;
        let aside = beside(&path, ".partial");
        let write = || {
            let mut file = File::create(&aside)?;
            file.write_all(contents)?;
            file.sync_all()
        };
        write().map_err(failed("write", &aside))?;
        fs::rename(&aside, &path).map_err(failed("rename to", &path))?;
        sync(parent)?;
    }
    Ok(())
}
