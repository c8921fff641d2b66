//! The organiser: manifest, roll, credentials, opening, closing and publication.
