//! The server: accepts entries, keeps the board, serves the pages. Trusted for nothing but being up.
