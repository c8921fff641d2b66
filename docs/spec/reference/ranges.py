"""Range proofs (ranges.md): aggregated Bulletproofs under commitments to the range forms of a ballot."""

import hashlib
from functools import lru_cache

from merlin import MerlinTranscript
from ristretto import BLIND, H, L, Refused, combine, decode, decode_scalar, from_uniform, is_identity


@lru_cache(maxsize=None)
def generators(bits, values):
    """G_0.. and H_0.., of all parties one after the other."""
    out = []
    for name in (b"G", b"H"):
        points = []
        for party in range(values):
            stream = hashlib.shake_256(b"GeneratorsChain" + name + party.to_bytes(4, "little")).digest(64 * bits)
            points += [from_uniform(stream[i:i + 64]) for i in range(0, len(stream), 64)]
        out.append(points)
    return out


def transcript(context):
    """Of the Bulletproof of a ballot."""
    t = MerlinTranscript("psephos v3 ranges")
    t.append_message("context", context)
    return t


class Range:
    """The sizes of what a style proves in range: `forms` numbers of `bits` bits."""

    def __init__(self, bits, forms):
        self.bits, self.forms = bits, forms
        self.values = 1 << (forms - 1).bit_length()
        self.width = bits * self.values
        self.rounds = self.width.bit_length() - 1

    @property
    def elements(self):
        """Elements and scalars together, those of commitments and Bulletproof."""
        return self.forms + 9 + 2 * self.rounds


class Bulletproof:
    def __init__(self, sizes, data):
        """`data`: the commitments W and the proof, decoded strictly before."""
        parts = [data[i:i + 32] for i in range(0, len(data), 32)]
        assert len(parts) == sizes.elements
        self.sizes, self.commitments = sizes, parts[:sizes.forms]
        proof = parts[sizes.forms:]
        self.points, self.scalars, self.rounds, self.last = proof[:4], proof[4:7], proof[7:-2], proof[-2:]

    def challenges(self, t):
        """y, z, x, w and those of the rounds, of a Merlin transcript."""
        sizes = self.sizes

        def challenge(label):
            value = int.from_bytes(t.challenge_bytes(label, 64), "little") % L
            if value == 0:
                raise Refused("a challenge of the Bulletproof is 0")
            return value

        t.append_message("dom-sep", b"rangeproof v1")
        t.append_u64("n", sizes.bits)
        t.append_u64("m", sizes.values)
        for commitment in self.commitments + [bytes(32)] * (sizes.values - sizes.forms):
            t.append_message("V", commitment)
        t.append_message("A", self.points[0])
        t.append_message("S", self.points[1])
        y, z = challenge("y"), challenge("z")
        t.append_message("T_1", self.points[2])
        t.append_message("T_2", self.points[3])
        x = challenge("x")
        for label, part in zip(("t_x", "t_x_blinding", "e_blinding"), self.scalars):
            t.append_message(label, part)
        w = challenge("w")
        t.append_message("dom-sep", b"ipp v1")
        t.append_u64("n", sizes.width)
        u = []
        for i in range(0, len(self.rounds), 2):
            t.append_message("L", self.rounds[i])
            t.append_message("R", self.rounds[i + 1])
            u.append(challenge("u"))
        return y, z, x, w, u

    def check(self, transcript, base=H, blind=BLIND):
        """`Ranges.Verify`. Known answers of others have other bases."""
        y, z, x, w, u = self.challenges(transcript)
        n, count, width, rounds = self.sizes.bits, self.sizes.values, self.sizes.width, self.sizes.rounds
        t_x, t_blinding, e_blinding = map(decode_scalar, self.scalars)
        a, b = map(decode_scalar, self.last)
        big_a, big_s, t_1, t_2 = map(decode, self.points)

        y_powers = powers(y, width)
        delta = (z - z * z) * sum(y_powers) - sum(pow(z, k + 3, L) for k in range(count)) * (2**n - 1)
        commitments = [decode(c) for c in self.commitments]
        first = combine([delta - t_x, -t_blinding, x, x * x] + [pow(z, k + 2, L) for k in range(len(commitments))],
                        [base, blind, t_1, t_2] + commitments)
        if not is_identity(first):
            raise Refused("the Bulletproof's polynomial does not hold")

        inverses = [pow(u_i, -1, L) for u_i in u]
        s = [1]
        for inverse in inverses:
            s[0] = s[0] * inverse % L
        for h in range(1, width):
            g = h.bit_length() - 1
            s.append(s[h - 2**g] * u[rounds - g - 1] ** 2 % L)
        y_inverses = powers(pow(y, -1, L), width)
        g_scalars = [-z - a * s_h for s_h in s]
        h_scalars = [z + y_inverses[h] * (pow(z, 2 + h // n, L) * 2**(h % n) - b * s[width - 1 - h]) for h in range(width)]
        g_points, h_points = generators(n, count)
        second = combine([1, x, -e_blinding, w * (t_x - a * b)] + [u_i**2 for u_i in u] + [i**2 for i in inverses]
                         + g_scalars + h_scalars,
                         [big_a, big_s, blind, base] + [decode(p) for p in self.rounds[0::2] + self.rounds[1::2]]
                         + g_points + h_points)
        if not is_identity(second):
            raise Refused("the Bulletproof's inner product does not hold")


def powers(base, count):
    out = [1]
    while len(out) < count:
        out.append(out[-1] * base % L)
    return out
