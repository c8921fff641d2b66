//! Encrypting and proving.

use rand_core::TryCryptoRng;
use zeroize::{Zeroize as _, Zeroizing};

use super::{BallotContext, StyleStatement};
use crate::encoding::Write as _;
use crate::group::{
    Point, Scalar, blinding_base, double_and_encode, encode, half, mul_base, multiscalar, select,
    value_base, vartime_multiscalar,
};
use crate::secret::Secret;
use crate::style::{Coordinate, CoordinateKind};
use crate::transcript::{RandomnessError, Transcript};

/// What the prover knows: the coordinates' values b_1, …, b_m and the nonce r.
#[derive(Debug)]
pub struct Witness {
    /// m values; those of bits are 0 or 1.
    pub coordinates: Secret<Vec<u64>>,
    /// The encryption nonce r.
    pub nonce: Secret<Scalar>,
}

/// b·point in constant time; a bit selects instead of multiplying.
fn times(coordinate: &Coordinate, b: u64, point: &Point) -> Point {
    match coordinate.kind {
        CoordinateKind::Bit => select(u8::from(b & 1 == 1), point),
        CoordinateKind::Free | CoordinateKind::Product(..) => {
            point * Secret::new(Scalar::from(b)).expose()
        }
    }
}

/// `Ballot.Encrypt`: alpha = r·G and beta_i = Σ_j w_j·b_j·H + r·K_i, encoded. Constant-time in the
/// witness.
pub fn encrypt(style: &StyleStatement, witness: &Witness) -> ([u8; 32], Vec<u8>) {
    let half_r = Secret::new(half(witness.nonce.expose()));
    let mut points = Vec::with_capacity(1 + style.keys.len());
    points.push(mul_base(half_r.expose()));
    points.extend(style.keys.iter().map(|key| key * half_r.expose()));
    let values = style
        .shape
        .coordinates()
        .iter()
        .zip(witness.coordinates.expose());
    for ((coordinate, b), weighted) in values.zip(&style.half_weighted) {
        if let Some((position, _)) = coordinate.counts
            && let Some(beta) = points.get_mut(1 + usize::from(position))
        {
            *beta += times(coordinate, *b, weighted);
        }
    }
    let mut encoded = double_and_encode(&points).into_iter();
    points.zeroize();
    (
        encoded.next().unwrap_or_default(),
        encoded.flatten().collect(),
    )
}

/// `BallotProof.Prove`: encrypts the witness and proves the statement of its style. The result is
/// alpha ‖ beta ‖ proof, 32·(N_s + m + 10) bytes and those of the range proof. Constant-time in the
/// witness.
///
/// A witness that breaks the statement makes a proof that does not verify;
/// [`crate::ballot::PlaintextBallot`] checks before.
///
/// # Errors
/// [`RandomnessError`] if `rng` fails, or, with probability 2^-252, if a challenge of the range
/// proof is zero.
pub fn prove(
    style: &StyleStatement,
    context: &BallotContext,
    witness: &Witness,
    rng: &mut impl TryCryptoRng,
) -> Result<Vec<u8>, RandomnessError> {
    let (b, r) = (witness.coordinates.expose(), witness.nonce.expose());
    let mut secret = Zeroizing::new(Vec::with_capacity(32 + 8 * b.len()));
    secret.extend_from_slice(r.as_bytes());
    b.iter()
        .for_each(|value| secret.extend_from_slice(&value.to_be_bytes()));

    let (alpha, beta) = encrypt(style, witness);
    let mut transcript = style.transcript(context, &alpha, &beta);
    let ranges = CommittedRanges::new(style, &transcript, &secret, b, rng)?;
    transcript.append("ranges", &ranges.bytes);
    let s = transcript.nonces(&secret, rng)?.scalar();
    let terms = style
        .shape
        .coordinates()
        .iter()
        .zip(b)
        .zip(style.fixed.bases(b.len()));
    let c = encode(&terms.fold(
        blinding_base() * s.expose(),
        |sum, ((coordinate, b), base)| sum + times(coordinate, *b, base),
    ));
    transcript.append("C", &c);
    let y = transcript.challenge("y");
    let rest = respond(style, transcript, &y, &secret, (b, r, &s, &ranges), rng)?;
    Ok([alpha.as_slice(), &beta, &ranges.bytes, &c, &rest].concat())
}

/// The commitments to the range forms with their range proof, and what only the prover knows.
#[derive(Default)]
struct CommittedRanges {
    /// W ‖ Bulletproof; empty where the style has no range forms.
    bytes: Vec<u8>,
    /// γ_k.
    blindings: Zeroizing<Vec<Scalar>>,
}

impl CommittedRanges {
    #[cfg(feature = "ranges")]
    fn new(
        style: &StyleStatement,
        transcript: &Transcript,
        secret: &[u8],
        b: &[u64],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, RandomnessError> {
        let (bits, forms) = (style.shape.ranges().bits(), style.shape.ranges().forms());
        if forms.is_empty() {
            return Ok(Self::default());
        }
        let mut nonces = transcript.nonces(secret, rng)?;
        let mut blindings = Zeroizing::new(Vec::with_capacity(forms.len()));
        blindings.extend(forms.iter().map(|_| *nonces.scalar().expose()));
        let mut values = Zeroizing::new(Vec::with_capacity(forms.len()));
        values.extend(forms.iter().map(|form| form.value(b)));
        let context = super::range_context(transcript);
        let proved = crate::proofs::ranges::prove(&context, bits, &values, &blindings, &mut nonces)
            .map_err(|_| RandomnessError)?;
        Ok(Self {
            bytes: [proved.commitments, proved.proof].concat(),
            blindings,
        })
    }

    /// No election with numbers opens in a program without range proofs
    /// ([`Refusal::NoRangeProofs`](crate::election::Refusal::NoRangeProofs)). A ballot that needs one
    /// would be made without, and not verify.
    #[cfg(not(feature = "ranges"))]
    fn new(
        _: &StyleStatement,
        _: &Transcript,
        _: &[u8],
        _: &[u64],
        _: &mut impl TryCryptoRng,
    ) -> Result<Self, RandomnessError> {
        Ok(Self::default())
    }
}

/// The commitments A, D, E, T_alpha, T_beta and the responses.
fn respond(
    style: &StyleStatement,
    mut transcript: Transcript,
    y: &Scalar,
    secret: &[u8],
    (b, r, s, ranges): (&[u64], &Scalar, &Secret<Scalar>, &CommittedRanges),
    rng: &mut impl TryCryptoRng,
) -> Result<Vec<u8>, RandomnessError> {
    let mut nonces = transcript.nonces(secret, rng)?;
    let (t, u, w, rho) = (
        nonces.scalar(),
        nonces.scalar(),
        nonces.scalar(),
        nonces.scalar(),
    );
    let has_ranges = !ranges.blindings.is_empty();
    let tau = has_ranges.then(|| nonces.scalar());
    let a = Zeroizing::new(style.shape.kernel_vector(&mut nonces));
    let b = Zeroizing::new(
        b.iter()
            .map(|&value| Scalar::from(value))
            .collect::<Vec<_>>(),
    );
    let value =
        |values: &[Scalar], j: u16| values.get(usize::from(j)).copied().unwrap_or(Scalar::ZERO);

    // Capacities are exact, so that growing leaves no copies behind.
    let vector = || Zeroizing::new(Vec::with_capacity(a.len()));
    let (mut d, mut e) = (vector(), vector());
    for ((coordinate, a_j), b_j) in style.shape.coordinates().iter().zip(a.iter()).zip(b.iter()) {
        let (d_j, e_j) = match coordinate.kind {
            CoordinateKind::Bit => (a_j * (Scalar::ONE - b_j - b_j), a_j * a_j),
            CoordinateKind::Free => (Scalar::ZERO, Scalar::ZERO),
            CoordinateKind::Product(k, l) => {
                let (a_k, b_k) = (value(&a, k), value(&b, k));
                let (a_l, b_l) = (value(&a, l), value(&b, l));
                (a_j - a_k * b_l - a_l * b_k, a_k * a_l)
            }
        };
        d.push(d_j);
        e.push(-e_j);
    }

    // Results are encoded in a batch that doubles them, so everything is multiplied by halves.
    let mut bases = style.fixed.bases(a.len()).to_vec();
    bases.push(blinding_base());
    let commit = |vector: &[Scalar], blinding: &Secret<Scalar>| {
        let mut scalars = Zeroizing::new(Vec::with_capacity(vector.len() + 1));
        scalars.extend(vector.iter().chain([blinding.expose()]).map(half));
        multiscalar(&scalars, &bases)
    };
    let powers = style.powers(y);
    let weights = style.row_weights(&powers);
    let row = Secret::new(inner_product(&weights, &a));
    let key = vartime_multiscalar(&powers, &style.keys);
    let half_rho = Secret::new(half(rho.expose()));
    let row = Zeroizing::new([half(row.expose()), *half_rho.expose()]);
    let mut commitments = vec![
        commit(&a, &t),
        commit(&d, &u),
        commit(&e, &w),
        mul_base(half_rho.expose()),
        multiscalar(row.as_slice(), &[value_base(), key]),
    ];
    if let Some(tau) = &tau {
        let row = Secret::new(inner_product(&style.range_row(y).1, &a));
        let row = Zeroizing::new([half(row.expose()), half(tau.expose())]);
        commitments.push(multiscalar(
            row.as_slice(),
            &[value_base(), blinding_base()],
        ));
    }
    let commitments = double_and_encode(&commitments);
    for (label, commitment) in ["A", "D", "E", "T_alpha", "T_beta", "T_W"]
        .into_iter()
        .zip(&commitments)
    {
        transcript.append(label, commitment);
    }
    let x = transcript.challenge("x");

    let mut bytes: Vec<u8> = commitments.into_iter().flatten().collect();
    a.iter()
        .zip(b.iter())
        .for_each(|(a_j, b_j)| bytes.put_scalar(&(x * b_j + a_j)));
    bytes.put_scalar(&(x * s.expose() + t.expose()));
    bytes.put_scalar(&(x * u.expose() + w.expose()));
    bytes.put_scalar(&(rho.expose() + x * r));
    if let Some(tau) = &tau {
        let powers = super::powers(y, ranges.blindings.len());
        let blinding = Secret::new(inner_product(&powers, &ranges.blindings));
        bytes.put_scalar(&(tau.expose() + x * blinding.expose()));
    }
    Ok(bytes)
}

/// Σ left_i·right_i.
fn inner_product(left: &[Scalar], right: &[Scalar]) -> Scalar {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}
