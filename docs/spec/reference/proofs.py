"""Transcript, signatures and proofs (parameters.md, key-ceremony.md, ballot.md), verifiers only.

Each `check_…` returns nothing, or raises `Refused`; `ballot_equations` names all that fail. Elements come as their canonical
encodings, which their caller has decoded strictly before; computed keys may be the identity, which a check of its own reports.
"""

import hashlib

import ranges
from ristretto import (BLIND, G, H, L, Refused, combine, decode, decode_any, decode_scalar, is_identity, vector_generator)

BIT, FREE, PRODUCT = 0, 1, 2  # kinds of coordinates


def u16(n):
    return n.to_bytes(2, "big")


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


class Transcript:
    def __init__(self, name):
        self.data = b""
        self.append("psephos v1", name.encode())

    def append(self, label, data):
        self.data += u32(len(label)) + label.encode() + u64(len(data)) + data
        return self

    def copy(self):
        other = Transcript.__new__(Transcript)
        other.data = self.data
        return other

    def _hash(self, label):
        self.append(label, b"")
        return hashlib.sha512(self.data).digest()

    def challenge(self, label):
        return int.from_bytes(self._hash(label), "little") % L

    def digest(self, label):
        return self._hash(label)[:32]


def check_sum(what, *terms):
    """Refuses unless the sum of all scalar-point terms is the identity."""
    if not is_identity(combine([s for s, _ in terms], [p for _, p in terms])):
        raise Refused(what)


def check_signature(key, message, signature):
    """parameters.md, signatures."""
    r, z, x = decode(signature[:32]), decode_scalar(signature[32:]), decode(key)
    hashed = hashlib.sha512(b"FROST-RISTRETTO255-SHA512-v1chal" + signature[:32] + key + message).digest()
    c = int.from_bytes(hashed, "little") % L
    check_sum("the signature does not hold", (z, G), (-1, r), (-c, x))


def check_dleq(context, a, ys, ds, proof):
    """parameters.md, `Dleq`: a, each of ys and each of ds are encodings."""
    t = Transcript("dleq")
    t.append("context", context).append("A", a).append("Y", b"".join(ys)).append("D", b"".join(ds))
    seed = t.digest("weights")
    rho = [int.from_bytes(hashlib.sha512(b"psephos v1 weight" + seed + u32(i)).digest()[:16], "little")
           for i in range(len(ys))]
    t.append("R_G", proof[:32]).append("R_A", proof[32:64])
    c = t.challenge("c")
    z = decode_scalar(proof[64:])
    check_sum("the first row of a Dleq proof does not hold", (z, G), (-1, decode(proof[:32])),
              *((-c * r, decode_any(y)) for r, y in zip(rho, ys)))
    check_sum("the second row of a Dleq proof does not hold", (z, decode(a)), (-1, decode(proof[32:64])),
              *((-c * r, decode_any(d)) for r, d in zip(rho, ds)))


def check_reveal(session, trustee, coefficients, threshold, encryption_key, ephemeral, proof):
    """key-ceremony.md, round 3: knowledge of all constant terms and of both other secrets."""
    t = Transcript("ceremony reveal")
    t.append("session", session).append("trustee", u16(trustee)).append("coefficients", b"".join(coefficients))
    t.append("encryption key", encryption_key).append("ephemeral", ephemeral).append("R", proof[:32])
    c = t.challenge("c")
    statement = coefficients[::threshold] + [encryption_key, ephemeral]
    check_sum("the proof of knowledge does not hold", (decode_scalar(proof[32:]), G), (-1, decode(proof[:32])),
              *((-pow(c, i, L), decode(s)) for i, s in enumerate(statement, 1)))


def ballot_equations(election, style, shape, keys, credential, counter, previous, alpha, betas, ranged, proof):
    """ballot.md, `BallotProof.Verify`, each equation on its own: the challenges, and (check, reason) of those that fail."""
    parts = [proof[i:i + 32] for i in range(0, len(proof), 32)]
    names = ["C", "A", "D", "E", "T_alpha", "T_beta"] + ["T_W"] * bool(shape.forms)
    points = {name: decode(part) for name, part in zip(names, parts)}
    scalars = [decode_scalar(part) for part in parts[len(names):]]
    f, (z, z_prime, zeta, *zeta_w) = scalars[:len(shape.coordinates)], scalars[len(shape.coordinates):]

    t = Transcript("ballot proof")
    t.append("election", election).append("style", u16(style)).append("shape", shape.encode())
    t.append("keys", b"".join(keys)).append("credential", credential).append("counter", u32(counter))
    t.append("previous", previous).append("alpha", alpha).append("beta", b"".join(betas))
    context = t.copy().digest("ranges context")
    t.append("ranges", ranged).append("C", parts[0])
    y = t.challenge("y")
    for name, part in list(zip(names, parts))[1:]:
        t.append(name, part)
    x = t.challenge("x")

    base = [vector_generator(j) for j in range(1, len(f) + 1)]
    faults = []

    def attempt(check, function, *arguments):
        try:
            function(*arguments)
        except Refused as reason:
            faults.append((check, str(reason)))

    def equation(check, number, *terms):
        attempt(check, check_sum, f"equation {number} does not hold", *terms)

    def g(j):
        kind, (k, l), _, _ = shape.coordinates[j]
        return f[j] * (x - f[j]) if kind == BIT else x * f[j] - f[k] * f[l] if kind == PRODUCT else 0

    equation("ballots.commitment", 1, (x, points["C"]), (1, points["A"]), (-z, BLIND),
             *((-fj, p) for fj, p in zip(f, base)))
    equation("ballots.bits", 2, (x, points["D"]), (1, points["E"]), (-z_prime, BLIND),
             *((-g(j), p) for j, p in enumerate(base)))
    equation("ballots.nonce", 3, (zeta, G), (-1, points["T_alpha"]), (-x, decode(alpha)))
    powers = [pow(y, i, L) for i in range(len(keys))]
    opened = sum(powers[position] * weight * fj
                 for (_, _, position, weight), fj in zip(shape.coordinates, f) if position is not None)
    equation("ballots.values", 4, (opened, H), (-1, points["T_beta"]),
             *((zeta * w, decode_any(k)) for w, k in zip(powers, keys)),
             *((-x * w, decode(b)) for w, b in zip(powers, betas)))
    for constant, terms in shape.constraints:
        if (sum(coefficient * f[j] for j, coefficient in terms) - x * constant) % L:
            faults.append(("ballots.limits", "equation 5 does not hold"))
    if shape.forms:
        bulletproof = ranges.Bulletproof(shape.ranges, ranged)
        powers = [pow(y, k, L) for k in range(len(shape.forms))]
        opened = sum(w * (x * constant + sum(c * f[j] for j, c in terms)) for w, (constant, terms) in zip(powers, shape.forms))
        equation("ballots.linked", 6, (opened, H), (zeta_w[0], BLIND), (-1, points["T_W"]),
                 *((-x * w, decode(c)) for w, c in zip(powers, bulletproof.commitments)))
        attempt("ballots.ranges", bulletproof.check, ranges.transcript(context))
    return {"y": y, "x": x}, faults


def add_encoded(encodings):
    """The sum of encoded elements, as a point."""
    return combine([1] * len(encodings), [decode(e) for e in encodings])
