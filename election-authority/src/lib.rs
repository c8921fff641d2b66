//! The organiser: manifest, roll, credentials, opening, closing and publication.

pub mod csv;
pub mod files;
pub mod key_file;
pub mod roll;
