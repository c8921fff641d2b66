//! Credentials: codes that voters type, keys made from them, and the roll that lists the keys.
//!
//! Spec: docs/spec/credentials.md.

mod registered;

use std::collections::HashSet;

use hkdf::Hkdf;
use rand_core::TryCryptoRng;
use sha2::Sha512;
use zeroize::{Zeroize as _, Zeroizing};

use crate::encoding::{EncodingError, Reader};
use crate::group::{Element, Scalar, wide_scalar};
use crate::proofs::batch::Weights;
use crate::secret::Secret;
use crate::signature::{Claim, Purpose, Signature, SigningKey, verify_claims};
use crate::transcript::{RandomnessError, Transcript};

pub use registered::{RegisteredKey, RegisteredKeyError};

/// Crockford's base 32: no I, L, O or U.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const RANDOM_SYMBOLS: usize = 26;
const CHECK_SYMBOLS: usize = 4;

/// Why a typed code is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum CodeError {
    /// A character that no code has.
    #[error("a code has no {character:?}; check that character on your letter")]
    Character {
        /// The character.
        character: char,
    },
    /// Too few or too many symbols.
    #[error("a code has 30 letters and digits; this one has {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// The check symbols do not fit.
    #[error("this is not quite the code that was issued; check each letter and digit once more")]
    Checksum,
}

/// A credential code: 26 random symbols (130 bits), kept without the four check symbols.
pub struct Code(Secret<[u8; RANDOM_SYMBOLS]>);

impl Code {
    /// Draws a code.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn draw(rng: &mut impl TryCryptoRng) -> Result<Self, RandomnessError> {
        let mut symbols = Zeroizing::new([0; RANDOM_SYMBOLS]);
        rng.try_fill_bytes(symbols.as_mut())
            .map_err(|_| RandomnessError)?;
        // 256 is a multiple of 32, so the remainder is uniform.
        symbols
            .iter_mut()
            .for_each(|symbol| *symbol = letter(*symbol & 31));
        Ok(Self(Secret::new(*symbols)))
    }

    /// Reads a typed code: case, spaces and hyphens do not matter; O is 0, I and L are 1.
    ///
    /// # Errors
    /// [`CodeError`], naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut symbols = Zeroizing::new(Vec::with_capacity(text.len()));
        for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let symbol = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let symbol = u8::try_from(symbol)
                .ok()
                .filter(|symbol| ALPHABET.contains(symbol));
            symbols.push(symbol.ok_or(CodeError::Character { character })?);
        }
        let found = symbols.len();
        let wrong = CodeError::Length { found };
        let (head, check) = symbols.split_first_chunk::<RANDOM_SYMBOLS>().ok_or(wrong)?;
        if check.len() != CHECK_SYMBOLS {
            return Err(wrong);
        }
        if check != check_symbols(head).as_slice() {
            return Err(CodeError::Checksum);
        }
        Ok(Self(Secret::new(*head)))
    }

    /// The code as it is written: six groups of five.
    pub fn text(&self) -> Secret<String> {
        let check = check_symbols(self.0.expose());
        let mut text = String::with_capacity(35);
        for (i, symbol) in self.0.expose().iter().chain(&check).enumerate() {
            if i > 0 && i % 5 == 0 {
                text.push('-');
            }
            text.push(char::from(*symbol));
        }
        Secret::new(text)
    }

    /// The key of the credential part that issuer `issuer` (from 0) made for the election `uuid`.
    pub fn part(&self, uuid: &[u8; 16], issuer: u16) -> CredentialPart {
        let mut info = b"psephos v1 credential".to_vec();
        info.extend_from_slice(&issuer.to_be_bytes());
        let mut wide = Zeroizing::new([0u8; 64]);
        let hkdf = Hkdf::<Sha512>::new(Some(uuid), self.0.expose());
        // 64 bytes are far below HKDF's limit of 255 blocks, so this cannot fail.
        let _ = hkdf.expand(&info, wide.as_mut());
        CredentialPart {
            key: Secret::new(wide_scalar(&wide)),
            uuid: *uuid,
            issuer,
        }
    }
}

fn letter(value: u8) -> u8 {
    ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0')
}

fn check_symbols(symbols: &[u8; RANDOM_SYMBOLS]) -> [u8; CHECK_SYMBOLS] {
    let mut transcript = Transcript::new("credential code");
    transcript.append("symbols", symbols);
    let [a, b, c, ..] = transcript.digest("check").0;
    let bits = u32::from_be_bytes([0, a, b, c]) >> 4;
    [15, 10, 5, 0].map(|shift| letter(u8::try_from(bits >> shift & 31).unwrap_or(0)))
}

/// One issuer's part of a credential.
pub struct CredentialPart {
    key: Secret<Scalar>,
    uuid: [u8; 16],
    issuer: u16,
}

/// The public side of a part, as the roll lists it: 96 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicPart {
    /// X_k.
    pub key: Element,
    /// Proof of possession.
    pub possession: Signature,
}

impl CredentialPart {
    /// X_k with its proof of possession, or `None` in the impossible case of a zero key.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn public(
        &self,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Option<PublicPart>, RandomnessError> {
        let Some(key) = SigningKey::new(Secret::new(*self.key.expose())) else {
            return Ok(None);
        };
        let content = possession_content(&self.uuid, self.issuer);
        let possession = key.sign(Purpose::CredentialPart, &content, rng)?;
        Ok(Some(PublicPart {
            key: *key.public(),
            possession,
        }))
    }
}

fn possession_content(uuid: &[u8; 16], issuer: u16) -> Vec<u8> {
    [uuid.as_slice(), &issuer.to_be_bytes()].concat()
}

/// A voter's credential: the sum of the parts of all issuers. Its public key is the pseudonym X.
pub fn combine(parts: &[CredentialPart]) -> Option<SigningKey> {
    let mut sum = parts.iter().map(|part| part.key.expose()).sum::<Scalar>();
    let key = SigningKey::new(Secret::new(sum));
    sum.zeroize();
    key
}

/// A line of the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollVoter {
    /// Index of the ballot style.
    pub style: u16,
    /// Weight, at least 1.
    pub weight: u32,
    /// One part per issuer.
    pub parts: Vec<PublicPart>,
}

impl RollVoter {
    /// Size of the encoding with this many issuers.
    pub fn length(n_issuers: usize) -> usize {
        6 + 96 * n_issuers
    }

    /// X, the sum of the parts, or `None` if it is the identity.
    pub fn credential(&self) -> Option<Element> {
        match self.parts.as_slice() {
            [part] => Some(part.key),
            parts => Element::from_point(parts.iter().map(|part| part.key.point()).sum()),
        }
    }
}

/// The body of a roll entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollPart {
    /// How many voters earlier parts list.
    pub first: u32,
    /// The voters of this part; 1 to 65,535.
    pub voters: Vec<RollVoter>,
}

impl RollPart {
    /// How many voters fit into one entry.
    pub fn capacity(n_issuers: usize) -> usize {
        (crate::entry::MAX_ENTRY_LENGTH - 34 - 6 - Signature::LENGTH) / RollVoter::length(n_issuers)
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(
            &u16::try_from(self.voters.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        for voter in &self.voters {
            out.extend_from_slice(&voter.style.to_be_bytes());
            out.extend_from_slice(&voter.weight.to_be_bytes());
            for part in &voter.parts {
                out.extend_from_slice(part.key.as_bytes());
                part.possession.encode(out);
            }
        }
    }

    /// Reads a part strictly.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(body: &[u8], n_issuers: usize) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(body);
        let first = reader.u32("the number of earlier voters")?;
        let count = reader.u16("the number of voters")?;
        let list = reader.bytes(
            usize::from(count) * RollVoter::length(n_issuers),
            "the list of voters",
        )?;
        reader.finish()?;
        let mut list = Reader::new(list);
        let voter = |_| {
            let (style, weight) = (list.u16("a voter's style")?, list.u32("a voter's weight")?);
            let part = |_| {
                let key = list.element("a credential part")?;
                Ok(PublicPart {
                    key,
                    possession: Signature::decode(&mut list)?,
                })
            };
            let parts = (0..n_issuers)
                .map(part)
                .collect::<Result<_, EncodingError>>()?;
            Ok(RollVoter {
                style,
                weight,
                parts,
            })
        };
        let voters = (0..count)
            .map(voter)
            .collect::<Result<_, EncodingError>>()?;
        Ok(Self { first, voters })
    }
}

/// A credential part whose issuer did not know its key.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the proof of possession of voter {voter}'s part by issuer {issuer} does not hold")]
pub struct PossessionError {
    /// Index of the voter within the part of the roll.
    pub voter: usize,
    /// Number of the issuer, from 1.
    pub issuer: usize,
}

/// Checks all proofs of possession of a part of the roll, together.
///
/// # Errors
/// [`PossessionError`] naming the first that does not hold.
pub fn verify_possession(
    uuid: &[u8; 16],
    voters: &[RollVoter],
    weights: &mut Weights,
) -> Result<(), PossessionError> {
    let mut places = Vec::new();
    let mut claims = Vec::new();
    for (voter, line) in voters.iter().enumerate() {
        for (issuer, part) in (0u16..).zip(&line.parts) {
            let content = possession_content(uuid, issuer);
            let signature = &part.possession;
            let challenge = signature.challenge(&part.key, Purpose::CredentialPart, &content);
            places.push(PossessionError {
                voter,
                issuer: usize::from(issuer) + 1,
            });
            claims.push(Claim {
                key: &part.key,
                signature,
                challenge,
            });
        }
    }
    let verdicts = verify_claims(&claims, weights);
    match places
        .into_iter()
        .zip(verdicts)
        .find(|(_, verdict)| verdict.is_err())
    {
        None => Ok(()),
        Some((place, _)) => Err(place),
    }
}

/// The first credential that stands twice in `voters` or is already `taken`, by index.
pub(crate) fn first_duplicate(
    credentials: &[Element],
    taken: impl Fn(&Element) -> bool,
) -> Option<usize> {
    let mut seen = HashSet::new();
    credentials
        .iter()
        .position(|credential| taken(credential) || !seen.insert(*credential.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;

    #[test]
    fn typed_codes_are_tolerant_but_typos_are_caught() {
        let code = Code::draw(&mut SysRng).unwrap();
        let text = code.text();
        let text = text.expose();
        assert_eq!((text.len(), text.matches('-').count()), (35, 5));
        let sloppy = text
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "L");
        assert_eq!(Code::parse(&sloppy).unwrap().0.expose(), code.0.expose());
        assert_eq!(
            Code::parse("U").err(),
            Some(CodeError::Character { character: 'U' })
        );
        assert_eq!(
            Code::parse(&text[..34]).err(),
            Some(CodeError::Length { found: 29 })
        );
        assert_eq!(
            Code::parse(&format!("{text}0")).err(),
            Some(CodeError::Length { found: 31 })
        );
        // Every single wrong symbol and every swap of two different neighbours (each is missed
        // with probability 2^-20).
        let symbols: Vec<char> = text.chars().filter(|c| *c != '-').collect();
        let mut missed = 0;
        for i in 0..symbols.len() {
            for replacement in ALPHABET
                .iter()
                .map(|b| char::from(*b))
                .filter(|c| *c != symbols[i])
            {
                let mut typo = symbols.clone();
                typo[i] = replacement;
                missed += usize::from(Code::parse(&typo.iter().collect::<String>()).is_ok());
            }
        }
        assert!(missed <= 1, "{missed} of 930 typos were not caught");
    }

    #[test]
    fn keys_depend_on_code_election_and_issuer() {
        let (a, b) = (
            Code::draw(&mut SysRng).unwrap(),
            Code::draw(&mut SysRng).unwrap(),
        );
        let key = |code: &Code, uuid: u8, issuer| *code.part(&[uuid; 16], issuer).key.expose();
        let all = [key(&a, 1, 0), key(&b, 1, 0), key(&a, 2, 0), key(&a, 1, 1)];
        for (i, x) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|y| x != y));
        }
        assert_eq!(key(&a, 1, 0), all[0]);
    }

    #[test]
    fn parts_of_two_issuers_add_up() {
        let codes: Vec<Code> = (0..2).map(|_| Code::draw(&mut SysRng).unwrap()).collect();
        let parts: Vec<CredentialPart> = codes
            .iter()
            .zip(0u16..)
            .map(|(code, k)| code.part(&[1; 16], k))
            .collect();
        let public = parts
            .iter()
            .map(|part| part.public(&mut SysRng).unwrap().unwrap())
            .collect();
        let line = RollVoter {
            style: 0,
            weight: 1,
            parts: public,
        };
        assert_eq!(
            line.credential().as_ref(),
            combine(&parts).as_ref().map(SigningKey::public)
        );
    }

    #[test]
    fn possession_is_bound_to_key_issuer_and_election_and_the_culprit_is_named() {
        let mut weights = Weights::draw(&mut SysRng).unwrap();
        let voter = |issuer| {
            let part = Code::draw(&mut SysRng)
                .unwrap()
                .part(&[1; 16], issuer)
                .public(&mut SysRng)
                .unwrap()
                .unwrap();
            RollVoter {
                style: 0,
                weight: 1,
                parts: vec![part],
            }
        };
        let mut voters: Vec<_> = (0..5).map(|_| voter(0)).collect();
        assert_eq!(verify_possession(&[1; 16], &voters, &mut weights), Ok(()));
        assert!(verify_possession(&[2; 16], &voters, &mut weights).is_err());
        voters[3].parts[0].possession = voters[2].parts[0].possession;
        assert_eq!(
            verify_possession(&[1; 16], &voters, &mut weights),
            Err(PossessionError {
                voter: 3,
                issuer: 1
            })
        );
        voters[3] = voter(1);
        assert_eq!(
            verify_possession(&[1; 16], &voters, &mut weights),
            Err(PossessionError {
                voter: 3,
                issuer: 1
            })
        );
    }

    #[test]
    fn roll_parts_read_back_and_fit() {
        let part = Code::draw(&mut SysRng)
            .unwrap()
            .part(&[1; 16], 0)
            .public(&mut SysRng)
            .unwrap()
            .unwrap();
        let voters = vec![
            RollVoter {
                style: 2,
                weight: 7,
                parts: vec![part]
            };
            RollPart::capacity(1)
        ];
        let roll = RollPart { first: 5, voters };
        let mut bytes = Vec::new();
        roll.encode(&mut bytes);
        assert!(bytes.len() + 34 + 64 <= crate::entry::MAX_ENTRY_LENGTH);
        assert_eq!(RollPart::decode(&bytes, 1), Ok(roll));
        assert!(RollPart::decode(&bytes, 2).is_err());
        bytes.push(0);
        assert_eq!(
            RollPart::decode(&bytes, 1),
            Err(EncodingError::Leftover { count: 1 })
        );
    }
}
