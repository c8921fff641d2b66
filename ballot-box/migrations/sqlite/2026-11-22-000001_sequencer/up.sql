-- Who may append. One server at a time puts entries in order; each takes the next epoch when it
-- begins, and a transaction of an earlier epoch changes nothing.

CREATE TABLE sequencer (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL CHECK (epoch >= 0),
    -- The public key that signs the checkpoints; null until the first server has begun.
    board_key BLOB CHECK (length(board_key) = 32)
) STRICT;

INSERT INTO sequencer (id, epoch, board_key) VALUES (1, 0, NULL);
