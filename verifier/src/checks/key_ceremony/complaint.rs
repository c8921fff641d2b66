//! Who is at fault after a complaint: public and deterministic (docs/spec/key-ceremony.md).

use super::keys::evaluate;
use crate::{
    entry::body::{ComplainBody, RevealBody, sealed_length},
    group::{Element, Generators, Point, decode_scalar},
    joint::{JointKey, is_share},
    proofs::dleq::{DleqError, DleqStatement},
    transcript::{Digest, Transcript},
};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use hkdf::Hkdf;
use sha2::Sha256;
use std::{fmt, slice};

/// Who is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The shares do not open, are malformed or do not match the coefficients.
    Dealer,
    /// The shares are right.
    Complainer,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dealer => "the shares are wrong, the dealer is at fault",
            Self::Complainer => "the shares are right, the complainer is at fault",
        })
    }
}

/// What a complaint is judged from.
pub(super) struct Complaint<'a> {
    pub session: &'a Digest,
    pub complainer: (u16, &'a RevealBody),
    pub dealer: (u16, &'a RevealBody),
    /// The dealer's joint coefficients.
    pub joint: &'a [JointKey],
    /// What the dealer sealed for all recipients.
    pub sealed: &'a [u8],
    pub threshold: usize,
}

impl Complaint<'_> {
    /// Checks that the revealed point is the Diffie–Hellman point and opens the shares with it.
    pub fn judge(
        &self,
        body: &ComplainBody,
        generators: &Generators,
    ) -> Result<Verdict, DleqError> {
        let ((complainer, complaining), (dealer, dealing)) = (self.complainer, self.dealer);
        let mut context = Transcript::new("complaint");
        context.append("session", self.session);
        context.append("trustee", &complainer.to_be_bytes());
        context.append("dealer", &dealer.to_be_bytes());
        body.proof.verify(
            &DleqStatement {
                context: &context.digest("context"),
                base: &dealing.ephemeral,
                keys: slice::from_ref(&complaining.encryption_key),
                shares: slice::from_ref(&body.shared_point),
            },
            generators,
        )?;
        let right = self
            .open(&body.shared_point)
            .is_some_and(|shares| self.matches(&shares, generators));
        Ok(if right {
            Verdict::Complainer
        } else {
            Verdict::Dealer
        })
    }

    /// Opens the shares sealed for the complainer.
    fn open(&self, shared_point: &Element) -> Option<Vec<u8>> {
        let (complainer, complaining) = self.complainer;
        let (dealer, dealing) = self.dealer;
        let length = sealed_length(dealing.coefficients.len() / self.threshold);
        let start = usize::from(complainer).checked_sub(1)? * length;
        let sealed = self.sealed.get(start..start + length)?;

        let mut info = b"psephos v1 share".to_vec();
        info.extend(dealer.to_be_bytes());
        info.extend(complainer.to_be_bytes());
        info.extend(dealing.ephemeral.encoding());
        info.extend(complaining.encryption_key.encoding());
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(self.session), shared_point.encoding())
            .expand(&info, &mut key)
            .ok()?;
        XChaCha20Poly1305::new(&key.into())
            .decrypt(&XNonce::default(), sealed)
            .ok()
    }

    /// Whether f_{d,i}(j)·G = Σ j^k·A_{d,i,k} at every position, and h_d(j)·g = Σ j^k·B_{d,k}.
    fn matches(&self, shares: &[u8], generators: &Generators) -> bool {
        let (complainer, _) = self.complainer;
        let Some((shares, joint)) = shares.as_chunks::<32>().0.split_last_chunk() else {
            return false;
        };
        let [joint] = joint;
        let coefficients: Vec<Point> = self
            .dealer
            .1
            .coefficients
            .iter()
            .map(|coefficient| *coefficient.point())
            .collect();
        let mut positions = coefficients.chunks_exact(self.threshold);
        shares.len() == positions.len()
            && shares.iter().all(|share| {
                let expected = positions
                    .next()
                    .map(|position| evaluate(position, u64::from(complainer)));
                decode_scalar(share).is_ok_and(|share| Some(generators.g * share) == expected)
            })
            && is_share(joint, self.joint, complainer)
    }
}
