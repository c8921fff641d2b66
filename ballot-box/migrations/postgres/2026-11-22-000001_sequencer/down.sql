DROP TABLE sequencer;
