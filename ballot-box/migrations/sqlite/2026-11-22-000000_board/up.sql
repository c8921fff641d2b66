-- Entries and the indices into them; everything else about an election follows from its entries.

CREATE TABLE elections (
    id INTEGER NOT NULL PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    -- The log's origin line; fixed even if the server's prefix changes later.
    origin TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE entries (
    election INTEGER NOT NULL REFERENCES elections (id),
    entry_index INTEGER NOT NULL CHECK (entry_index >= 0),
    bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 65535),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    -- The confirmation code of a ballot; null for every other kind.
    code BLOB CHECK (length(code) = 32),
    PRIMARY KEY (election, entry_index)
) STRICT;

-- Finds an entry that is posted again.
CREATE UNIQUE INDEX entries_by_leaf_hash ON entries (election, leaf_hash);

-- Holds all that the hash tree is rebuilt from, so that rebuilding does not read the entries.
CREATE INDEX leaf_hashes ON entries (election, entry_index, leaf_hash);

CREATE UNIQUE INDEX entries_by_code ON entries (election, code) WHERE code IS NOT NULL;

-- Every checkpoint that was signed, so that what was handed out can be shown.
CREATE TABLE checkpoints (
    election INTEGER NOT NULL REFERENCES elections (id),
    size INTEGER NOT NULL CHECK (size > 0),
    note TEXT NOT NULL,
    PRIMARY KEY (election, size)
) STRICT;
