DROP TABLE checkpoints;
DROP TABLE entries;
DROP TABLE elections;
