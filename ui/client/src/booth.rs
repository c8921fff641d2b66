//! The booth: from typed codes and answers to a sealed ballot.
//!
//! Spec: docs/spec/board.md (the fold), docs/spec/credentials.md, docs/spec/ballot.md.

use protocol::ballot::{
    Answer, ChallengeError, ChallengedBallot, ChoiceError, ConfirmationCode, PlaintextBallot,
    SealedBallot,
};
use protocol::credential::{Code, CodeError, combine};
use protocol::election::{Election, Phase, Refusal, Voting};
use protocol::group::Element;
use protocol::manifest::{BallotStyle, ElectionManifest};
use protocol::proofs::ballot::{BallotContext, StyleStatement};
use protocol::signature::SigningKey;
use protocol::transcript::{Digest, RandomnessError};
use rand_core::TryCryptoRng;
use std::sync::Arc;

/// Why there is no booth, or why it seals nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum BoothError {
    /// An entry of the set-up is not valid.
    #[error(
        "entry {index} of the board is not valid, so this booth does not vote in it: {refusal}"
    )]
    Setup {
        /// Its index.
        index: u64,
        /// What is wrong.
        refusal: Refusal,
    },
    /// The board ends before the opening.
    #[error("the election is not open yet; its phase is \"{phase}\"")]
    NotOpen {
        /// Where it stands.
        phase: Phase,
    },
    /// The board is another election's than the voter was invited to.
    #[error(
        "this board belongs to the election {found}, not to {expected}; \
         do not vote here and tell the organiser"
    )]
    OtherElection {
        /// The election of the invitation.
        expected: Digest,
        /// The election of the board.
        found: Digest,
    },
    /// Too few or too many codes.
    #[error("this election needs {expected} codes, one from each issuer; {found} are given")]
    Codes {
        /// How many issuers there are.
        expected: usize,
        /// How many codes there are.
        found: usize,
    },
    /// A code is mistyped.
    #[error("code {}: {source}", issuer + 1)]
    Code {
        /// Which issuer's, from 0.
        issuer: usize,
        /// What is wrong.
        source: CodeError,
    },
    /// A code of another election, or of a voter who was never put on the roll.
    #[error(
        "this code is well formed but not on this election's roll; check that it is for this \
         election, else ask the organiser"
    )]
    NotOnTheRoll,
    /// Answers that break a limit.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// Why what the board says about a voter's earlier ballots is not believed.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum PlaceError {
    /// It makes no sense.
    #[error("the server's answer about your earlier ballots is malformed; try again")]
    Malformed,
    /// Ballots have gone.
    #[error(
        "the server says that {found} ballots were cast with these codes, but this device has a receipt for \
         ballot {known}; do not vote now, keep the receipt and tell the organiser"
    )]
    Fewer {
        /// Number of the ballot of the receipt.
        known: u32,
        /// How many there are said to be.
        found: u32,
    },
    /// A ballot was exchanged.
    #[error(
        "the server names another ballot than the one for which this device has a receipt; do not vote now, keep \
         the receipt and tell the organiser"
    )]
    OtherBallot,
}

/// An open election, its whole set-up checked: manifest, roll, key ceremony and opening.
pub struct Booth {
    election: Election,
    voting: Arc<Voting>,
}

/// A voter's credential, made from the codes, with the line of the roll.
#[derive(Debug)]
pub struct Credential {
    key: SigningKey,
    style: u16,
    weight: u32,
}

impl Credential {
    /// The key that signs the voter's entries; its public half is the pseudonym X on the roll.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Index of the ballot style.
    pub fn style(&self) -> u16 {
        self.style
    }

    /// Weight of the ballot in the totals.
    pub fn weight(&self) -> u32 {
        self.weight
    }
}

/// A ballot's place among those of the same voter: the last one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the ballot, from 1.
    pub counter: u32,
    /// Confirmation code of the voter's ballot before it; zero bytes for the first.
    pub previous: [u8; 32],
}

impl Place {
    /// The place of a voter's first ballot.
    pub const FIRST: Self = Self {
        counter: 1,
        previous: [0; 32],
    };

    /// The place after as many ballots as the board says the voter `cast`, the last of which has
    /// the code `last`. The board's word is not signed: hold it against [`Place::since`].
    ///
    /// # Errors
    /// [`PlaceError::Malformed`] if there is a code and no ballot, or a ballot and no code.
    pub fn after(cast: u32, last: Option<Digest>) -> Result<Self, PlaceError> {
        match (cast, last) {
            (0, None) => Ok(Self::FIRST),
            (1.., Some(Digest(previous))) => Ok(Self {
                counter: cast.saturating_add(1),
                previous,
            }),
            _ => Err(PlaceError::Malformed),
        }
    }

    /// Holds this place, which the board names, against `known`: the place after the last ballot
    /// for which this device has a receipt that holds ([`Place::FIRST`] if it has none). Gives how
    /// many ballots were cast with the same codes since, on other devices: if the voter knows of
    /// none, somebody else has the codes.
    ///
    /// # Errors
    /// [`PlaceError::Fewer`] or [`PlaceError::OtherBallot`] if the board contradicts the receipt.
    pub fn since(self, known: Self) -> Result<u32, PlaceError> {
        let elsewhere = self.counter.checked_sub(known.counter);
        match elsewhere.ok_or(PlaceError::Fewer {
            known: known.counter.saturating_sub(1),
            found: self.counter.saturating_sub(1),
        })? {
            0 if self.previous != known.previous => Err(PlaceError::OtherBallot),
            elsewhere => Ok(elsewhere),
        }
    }

    /// The place after this one, where the ballot at this place has `code`.
    #[must_use]
    pub fn next(self, code: &ConfirmationCode) -> Self {
        Self {
            counter: self.counter.saturating_add(1),
            previous: *code.0.as_bytes(),
        }
    }
}

impl Booth {
    /// Checks the entries of a board from the manifest to the opening. What comes after the
    /// opening is not read. `rng` draws the weights of batched checks.
    ///
    /// # Errors
    /// [`BoothError::Setup`] naming the first entry that is not valid, [`BoothError::NotOpen`] if
    /// the opening is missing.
    pub fn new<'a>(
        entries: impl IntoIterator<Item = &'a [u8]>,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, BoothError> {
        let mut election = Election::new();
        for entry in entries {
            let index = election.size();
            election
                .apply_set_up(entry, rng)
                .map_err(|refusal| BoothError::Setup { index, refusal })?;
            if let Some(voting) = election.voting() {
                let voting = Arc::clone(voting);
                return Ok(Self { election, voting });
            }
        }
        let phase = election.phase();
        Err(BoothError::NotOpen { phase })
    }

    /// Makes sure that this is the election to which the voter was invited.
    ///
    /// # Errors
    /// [`BoothError::OtherElection`] if it is not.
    pub fn expect(self, expected: &Digest) -> Result<Self, BoothError> {
        let found = *self.election_id();
        if found == *expected {
            Ok(self)
        } else {
            Err(BoothError::OtherElection {
                expected: *expected,
                found,
            })
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> &ElectionManifest {
        self.voting.manifest()
    }

    /// The election id: it fixes manifest, roll and keys.
    pub fn election_id(&self) -> &Digest {
        self.voting.election_id()
    }

    /// Number of entries up to and including the opening.
    pub fn size(&self) -> u64 {
        self.election.size()
    }

    /// Root of the log at [`Booth::size`].
    pub fn root(&self) -> Digest {
        self.election.root()
    }

    /// The ballot style of a voter on the roll.
    pub fn style_of(&self, pseudonym: &Element) -> Option<u16> {
        self.election.voter(pseudonym).map(|line| line.style)
    }

    /// Makes the voter's credential from the typed codes, one per issuer in the manifest's order.
    ///
    /// # Errors
    /// [`BoothError::Codes`], [`BoothError::Code`] naming the code, and
    /// [`BoothError::NotOnTheRoll`].
    pub fn credential(&self, codes: &[&str]) -> Result<Credential, BoothError> {
        let manifest = self.manifest();
        let (expected, found) = (manifest.issuers.len(), codes.len());
        if expected != found {
            return Err(BoothError::Codes { expected, found });
        }
        let part = |(issuer, text): (u16, &&str)| {
            Code::parse(text)
                .map(|code| code.part(&manifest.uuid, issuer))
                .map_err(|source| BoothError::Code {
                    issuer: issuer.into(),
                    source,
                })
        };
        let parts = (0u16..)
            .zip(codes)
            .map(part)
            .collect::<Result<Vec<_>, _>>()?;
        let key = combine(&parts).ok_or(BoothError::NotOnTheRoll)?;
        let line = self.election.voter(key.public());
        let line = line.ok_or(BoothError::NotOnTheRoll)?;
        Ok(Credential {
            style: line.style,
            weight: line.weight,
            key,
        })
    }

    /// The rules of a credential's style, and the statement that its ballots prove.
    fn style(&self, style: u16) -> Result<(&BallotStyle, &StyleStatement), BoothError> {
        let rules = self.manifest().styles.get(usize::from(style));
        // The roll names only styles of the manifest.
        rules
            .zip(self.voting.style(style))
            .ok_or(BoothError::NotOnTheRoll)
    }

    /// Encrypts answers and proves that they keep every limit. The ballot's confirmation code is
    /// known from here on; it is signed only when it is cast, and can be challenged instead.
    ///
    /// `answers` are one per contest of the credential's style, in the manifest's order.
    ///
    /// # Errors
    /// [`BoothError::Choice`] naming the contest whose limit is broken; [`BoothError::Randomness`]
    /// if `rng` fails.
    pub fn seal(
        &self,
        credential: &Credential,
        place: Place,
        answers: Vec<Answer>,
        rng: &mut impl TryCryptoRng,
    ) -> Result<SealedBallot, BoothError> {
        self.seal_as(
            credential.key.public(),
            credential.style,
            place,
            answers,
            rng,
        )
    }

    /// Seals answers as the voter with this pseudonym would: nothing secret of the voter is in a
    /// ballot before it is signed.
    ///
    /// # Errors
    /// Those of [`Booth::seal`].
    pub fn seal_for(
        &self,
        pseudonym: &Element,
        place: Place,
        answers: Vec<Answer>,
        rng: &mut impl TryCryptoRng,
    ) -> Result<SealedBallot, BoothError> {
        let style = self.style_of(pseudonym).ok_or(BoothError::NotOnTheRoll)?;
        self.seal_as(pseudonym, style, place, answers, rng)
    }

    fn seal_as(
        &self,
        pseudonym: &Element,
        style: u16,
        place: Place,
        answers: Vec<Answer>,
        rng: &mut impl TryCryptoRng,
    ) -> Result<SealedBallot, BoothError> {
        let (rules, statement) = self.style(style)?;
        let ballot = PlaintextBallot::new(self.manifest(), rules, answers)?;
        let context = BallotContext {
            credential: *pseudonym,
            counter: place.counter,
            previous: place.previous,
        };
        Ok(SealedBallot::seal(
            self.election_id(),
            style,
            statement,
            &context,
            ballot,
            rng,
        )?)
    }

    /// Checks, on another device than the one that sealed it, that a challenged ballot holds the
    /// answers it is said to hold, and could have been cast.
    ///
    /// # Errors
    /// [`ChallengeError`] if it does not: the device that sealed it cheated or failed.
    pub fn check_challenged(
        &self,
        credential: &Element,
        ballot: ChallengedBallot,
        rng: &mut impl TryCryptoRng,
    ) -> Result<ConfirmationCode, ChallengeError> {
        ballot.verify(&self.voting, credential, rng)
    }
}
