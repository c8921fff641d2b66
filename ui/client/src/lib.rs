//! What the voter's and the auditor's pages call.
