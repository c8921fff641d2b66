//! The names of all checks.

/// Declares the checks with the ids of docs/spec/verification.md.
macro_rules! checks {
    ($($check:ident $id:literal $what:literal,)*) => {
        /// A check of docs/spec/verification.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckId {
            $(#[doc = concat!("`", $id, "`: ", $what, ".")] $check,)*
        }

        impl CheckId {
            /// All checks, in the order of the page.
            pub const ALL: &[Self] = &[$(Self::$check,)*];

            /// The id.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$check => $id,)* }
            }

            /// What is counted, for people.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self { $(Self::$check => $what,)* }
            }
        }
    };
}

checks! {
    RecordFiles "record.files" "files of the record's format",
    RecordArchive "record.archive" "faults of the container",
    BoardNote "board.note" "signed note of a checkpoint",
    BoardOrigin "board.origin" "checkpoint of the manifest's board",
    BoardSignature "board.signature" "checkpoint signed by the board",
    BoardWitnesses "board.witnesses" "cosignatures of named witnesses",
    BoardEntries "board.entries" "entries in the bundles",
    BoardRoot "board.root" "leaves under the recomputed root",
    BoardTiles "board.tiles" "tiles recomputed from the entries",
    EntriesVersion "entries.version" "entries of version 3",
    EntriesKind "entries.kind" "entries of a known kind",
    EntriesLength "entries.length" "entries of the exact length",
    EntriesFields "entries.fields" "entries with allowed fields",
    EntriesElements "entries.elements" "entries with canonical elements",
    EntriesScalars "entries.scalars" "entries with canonical scalars",
    EntriesScope "entries.scope" "entries of this election",
    EntriesSignatures "entries.signatures" "signatures of entries",
    EntriesPhase "entries.phase" "entries admitted in their phase",
    EntriesOnce "entries.once" "entries given no more than once",
    ManifestEncoding "manifest.encoding" "manifest read strictly",
    ManifestRules "manifest.rules" "manifest that keeps its rules",
    ManifestQuorum "manifest.quorum" "quorum that allows one close",
    RollSequence "roll.sequence" "parts of the roll in order",
    RollStyles "roll.styles" "voters with a style of the manifest",
    RollWeights "roll.weights" "voters with a weight",
    RollCredentials "roll.credentials" "different credentials",
    RollParts "roll.parts" "different parts of credentials",
    RollPossession "roll.possession" "proofs of possession",
    CeremonyRegistered "ceremony.registered" "trustees who registered",
    CeremonyAttempts "ceremony.attempts" "messages of the current attempt",
    CeremonyRounds "ceremony.rounds" "messages of the current round",
    CeremonyCommitments "ceremony.commitments" "reveals that match their commitments",
    CeremonyProofs "ceremony.proofs" "proofs of knowledge",
    CeremonyPossession "ceremony.possession" "proofs of possession of joint keys",
    CeremonyFreshness "ceremony.freshness" "fresh encryption keys and ephemerals",
    CeremonyKeys "ceremony.keys" "election, joint and verification keys",
    CeremonyComplaints "ceremony.complaints" "complaints",
    CeremonyDigest "ceremony.digest" "certificates of this ceremony",
    CeremonyRehearsal "ceremony.rehearsal" "rehearsed decryptions and joint signatures",
    CeremonyEverybody "ceremony.everybody" "trustees who certified",
    OpenRoll "open.roll" "roll bound by the opening",
    OpenVoters "open.voters" "number of voters bound by the opening",
    OpenCeremony "open.ceremony" "ceremony bound by the opening",
    OpenBounds "open.bounds" "contests with bounded totals",
    BallotsCredential "ballots.credential" "ballots of voters on the roll",
    BallotsStyle "ballots.style" "ballots of their voter's style",
    BallotsCounter "ballots.counter" "ballots in their voter's sequence",
    BallotsPrevious "ballots.previous" "ballots that name the one before",
    BallotsNumber "ballots.number" "ballots within the limit of 100",
    BallotsUnique "ballots.unique" "ciphertexts cast once",
    BallotsVoided "ballots.voided" "ballots not challenged before",
    BallotsCommitment "ballots.commitment" "ballot proofs, equation 1",
    BallotsBits "ballots.bits" "ballot proofs, equation 2",
    BallotsNonce "ballots.nonce" "ballot proofs, equation 3",
    BallotsValues "ballots.values" "ballot proofs, equation 4",
    BallotsLimits "ballots.limits" "ballot proofs, equation 5",
    BallotsLinked "ballots.linked" "ballot proofs, equation 6",
    BallotsRanges "ballots.ranges" "ballots with numbers in range",
    VoidsCredential "voids.credential" "voids of voters on the roll",
    VoidsUnique "voids.unique" "voids of what was neither cast nor voided",
    VoidsNumber "voids.number" "voids within the limit of 100",
    CloseRoot "close.root" "certificates of this close",
    CloseWitnesses "close.witnesses" "certificates of witnesses",
    CloseQuorum "close.quorum" "trustees and witnesses who certified the close",
    SharesProofs "shares.proofs" "proofs of decryption shares",
    SharesThreshold "shares.threshold" "trustees whose shares agree",
    SharesCells "shares.cells" "open cells that give nothing away",
    ResultBallots "result.ballots" "contests with their number of ballots",
    ResultWithheld "result.withheld" "contests opened or withheld as ruled",
    ResultTotals "result.totals" "totals recomputed",
    ResultPresent "result.present" "result",
    BeaconContributions "beacon.contributions" "contributions that match their commitments",
    BeaconShares "beacon.shares" "signature shares of the beacon",
    SealShares "seal.shares" "signature shares of the seal",
}
