-- Entries and the indices into them; everything else about an election follows from its entries.

CREATE TABLE elections (
    id INTEGER NOT NULL PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE CHECK (octet_length(uuid) = 16),
    -- The log's origin line; fixed even if the server's prefix changes later.
    origin TEXT NOT NULL UNIQUE
);

CREATE TABLE entries (
    election INTEGER NOT NULL REFERENCES elections (id),
    entry_index BIGINT NOT NULL CHECK (entry_index >= 0),
    bytes BYTEA NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 65535),
    leaf_hash BYTEA NOT NULL CHECK (octet_length(leaf_hash) = 32),
    -- The confirmation code of a ballot; null for every other kind.
    code BYTEA CHECK (octet_length(code) = 32),
    -- Holds all that the hash tree is rebuilt from, so that rebuilding does not read the entries.
    PRIMARY KEY (election, entry_index) INCLUDE (leaf_hash)
);

-- Ciphertexts do not get smaller by compression.
ALTER TABLE entries ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Finds an entry that is posted again.
CREATE UNIQUE INDEX entries_by_leaf_hash ON entries (election, leaf_hash);

CREATE UNIQUE INDEX entries_by_code ON entries (election, code) WHERE code IS NOT NULL;

-- Every checkpoint that was signed, so that what was handed out can be shown.
CREATE TABLE checkpoints (
    election INTEGER NOT NULL REFERENCES elections (id),
    size BIGINT NOT NULL CHECK (size > 0),
    note TEXT NOT NULL,
    PRIMARY KEY (election, size)
);
