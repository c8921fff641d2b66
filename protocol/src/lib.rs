//! What the parties of an election must agree on byte for byte.
