-- What witnesses said of checkpoints: the last of each witness, and the last that enough of them
-- signed together. Those in between are forgotten.

CREATE TABLE cosignatures (
    election INTEGER NOT NULL REFERENCES elections (id),
    size BIGINT NOT NULL CHECK (size > 0),
    -- Number of the witness in the manifest, from 1.
    witness INTEGER NOT NULL CHECK (witness BETWEEN 1 AND 16),
    -- Seconds since 1970, as the witness says.
    signed_at BIGINT NOT NULL CHECK (signed_at >= 0),
    signature BYTEA NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (election, size, witness)
);
