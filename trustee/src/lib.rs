//! A trustee: key ceremony, decryption and multi-party computation.
