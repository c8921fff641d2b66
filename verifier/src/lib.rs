//! The auditor: reads the published record and derives everything in it again.
