"""Entries (encoding.md): strict decoding of the envelope and of every body."""

import bls12_381
import ristretto
from ristretto import Refused

ORGANISER, TRUSTEE, VOTER, WITNESS = "organiser", "trustee", "voter", "witness"
NAMES = {1: "manifest", 2: "roll", 3: "register", 4: "commit", 5: "reveal", 6: "deal", 7: "complain", 8: "abandon",
         9: "certify", 10: "open", 11: "ballot", 12: "void", 13: "close", 14: "certify-close", 15: "shares",
         16: "result", 17: "witness-close", 18: "beacon", 19: "seal", 20: "preview"}
AUTHORS = {1: ORGANISER, 2: ORGANISER, 10: ORGANISER, 11: VOTER, 12: VOTER, 13: ORGANISER, 16: ORGANISER,
           17: WITNESS}
VERSION = 3
ENTRY_LIMIT = 65_535
HEADER = 34


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        if self.at + length > len(self.data):
            raise Refused("the entry is too short", "entries.length")
        self.at += length
        return self.data[self.at - length:self.at]

    def integer(self, width):
        return int.from_bytes(self.take(width), "big")

    def element(self):
        data = self.take(32)
        ristretto.decode(data)
        return data

    def elements(self, count):
        return [self.element() for _ in range(count)]

    def scalar(self):
        data = self.take(32)
        ristretto.decode_scalar(data)
        return data

    def scalars(self, count):
        return [self.scalar() for _ in range(count)]

    def ranges(self, sizes):
        """Commitments and Bulletproof."""
        start = self.at
        self.elements(sizes.forms + 4)
        self.scalars(3)
        self.elements(2 * sizes.rounds)
        self.scalars(2)
        return self.data[start:self.at]

    def signature(self):
        return self.element() + self.scalar()

    def dleq(self):
        return self.element() + self.element() + self.scalar()

    def g1(self, count):
        data = [self.take(bls12_381.G1_BYTES) for _ in range(count)]
        for element in data:
            bls12_381.decode_g1(element)
        return data

    def g2(self):
        data = self.take(bls12_381.G2_BYTES)
        bls12_381.decode_g2(data)
        return data

    def expect_left(self, length):
        """Before any element is decoded: exactly so many bytes are left."""
        if len(self.data) - self.at != length:
            raise Refused(f"the entry has {len(self.data) - self.at} bytes left instead of {length}", "entries.length")

    def closed_cells(self, manifest, number):
        """The offsets of a contest that are closed: guarded ones with a bit, and others with them."""
        guarded = manifest.guarded(number)
        width = -(-len(guarded) // 8)
        bits = self.integer(width)
        if bits & (1 << 8 * width - len(guarded)) - 1:
            raise Refused("unused bits of closed cells are not 0", "entries.fields")
        closed = {offset for i, offset in enumerate(guarded) if bits >> 8 * width - 1 - i & 1}
        return manifest.contests[number].closed_with(closed)

    def skip_shares(self, manifest, decrypted):
        """Of each decrypted contest its closed cells and how many elements follow; then nothing more."""
        start, layout = self.at, []
        for i in decrypted:
            closed = self.closed_cells(manifest, i)
            count = manifest.contests[i].width - len(closed)
            self.take(32 * count + 96 * bool(count))
            layout.append((i, closed, count))
        self.end()
        self.at = start
        return layout

    def end(self):
        self.expect_left(0)


class Entry:
    """An entry; `body` is filled by `decode_body`, whose lengths follow from the manifest."""

    def __init__(self, data):
        self.name = NAMES.get(data[1]) if len(data) > 1 else None
        self.data = data

    def decode_envelope(self):
        data = self.data
        if len(data) > ENTRY_LIMIT:
            raise Refused("the entry has more than 65,535 bytes", "entries.length")
        if len(data) < HEADER + 64:
            raise Refused("the entry is too short", "entries.length")
        self.unsigned, self.signature = data[:-64], data[-64:]
        version, self.kind, self.scope = data[0], data[1], data[2:HEADER]
        if version != VERSION:
            raise Refused(f"unknown version {version}", "entries.version")
        if self.name is None:
            raise Refused(f"unknown kind {self.kind}", "entries.kind")

    def decode_signature(self):
        """After everything before it: in an entry of a wrong length the signature is cut wrongly.

        That of a witness-close is 64 bytes of another kind, which `close.witnesses` looks at.
        """
        if AUTHORS.get(self.kind) != WITNESS:
            Reader(self.signature).signature()

    def decode_author(self, manifest):
        """Fills `author` (a trustee's or witness's number, a credential, or None) and `key`."""
        reader = Reader(self.unsigned)
        reader.take(HEADER)
        role = AUTHORS.get(self.kind, TRUSTEE)
        if role == ORGANISER:
            self.author, self.key = None, manifest.organiser
        elif role == TRUSTEE:
            self.author = reader.integer(2)
            if not 1 <= self.author <= manifest.n:
                raise Refused(f"there is no trustee {self.author}", "entries.fields")
            self.key = manifest.trustees[self.author - 1]
        elif role == WITNESS:
            self.author = reader.integer(2)
            if not 1 <= self.author <= len(manifest.witnesses):
                raise Refused(f"there is no witness {self.author}", "entries.fields")
            self.key = None
        else:
            self.author = self.key = reader.take(32)  # an element, decoded once the entry's length is known to be right
        self.reader = reader

    def decode_body(self, manifest, decrypted):
        """`decrypted`: the contests of shares and previews, or None while nobody can know them."""
        r, n, big = self.reader, manifest.n, manifest.positions
        if self.kind == 1:
            body = {"bytes": r.take(len(r.data) - r.at)}
        elif self.kind == 2:
            body = {"first": r.integer(4), "voters": []}
            count = r.integer(2)
            if count == 0:
                raise Refused("a roll entry without voters", "entries.fields")
            r.expect_left(count * (6 + 96 * len(manifest.issuers)))
            for _ in range(count):
                body["voters"].append({"style": r.integer(2), "weight": r.integer(4),
                                       "parts": [(r.element(), r.signature()) for _ in manifest.issuers]})
        elif self.kind in (3, 13):
            body = {}
        elif self.kind == 4:
            body = {"attempt": r.integer(2), "commitment": r.take(32)}
        elif self.kind == 5:
            t = manifest.threshold
            r.expect_left(2 + 32 * (big * t + 4) + bls12_381.G1_BYTES * t + bls12_381.G2_BYTES)
            body = {"attempt": r.integer(2), "coefficients": r.elements(big * t),
                    "encryption key": r.element(), "ephemeral": r.element(), "proof": r.signature(),
                    "joint coefficients": r.g1(t), "possession": r.g2()}
        elif self.kind == 6:
            body = {"attempt": r.integer(2), "sealed": [r.take(32 * (big + 1) + 16) for _ in range(n)]}
        elif self.kind == 7:
            r.expect_left(4 + 32 + 96)
            body = {"attempt": r.integer(2), "dealer": r.integer(2), "point": r.element(), "proof": r.dleq()}
        elif self.kind == 8:
            body = {"attempt": r.integer(2)}
        elif self.kind == 9:
            r.expect_left(2 + 32 + 96 + 32 + bls12_381.G2_BYTES)
            body = {"attempt": r.integer(2), "digest": r.take(32), "proof": r.dleq(), "contribution": r.take(32),
                    "rehearsal": r.g2()}
        elif self.kind == 10:
            body = {"roll": r.take(32), "voters": r.integer(4), "ceremony": r.take(32), "booth": r.take(32)}
        elif self.kind == 11:
            style = r.integer(2)
            if style >= len(manifest.styles):
                raise Refused(f"there is no style {style}", "entries.fields")
            shape = manifest.shapes[style]
            r.expect_left(4 + 32 + shape.ballot_bytes)
            ristretto.decode(self.author)
            body = {"style": style, "counter": r.integer(4), "previous": r.take(32), "alpha": r.element(),
                    "beta": r.elements(shape.positions)}
            body["ranges"] = r.ranges(shape.ranges) if shape.ranges else b""
            start, linked = r.at, bool(shape.ranges)
            r.elements(6 + linked)
            r.scalars(len(shape.coordinates) + 3 + linked)
            body["proof"] = r.data[start:r.at]
        elif self.kind == 12:
            r.expect_left(64)
            ristretto.decode(self.author)
            body = {"code": r.take(32), "alpha": r.element()}
        elif self.kind == 14:
            body = {"size": r.integer(8), "root": r.take(32)}
        elif self.kind == 15:
            body = {"contests": []}
            for i, closed, count in r.skip_shares(manifest, decrypted):
                r.closed_cells(manifest, i)
                shares = r.elements(count)
                body["contests"].append((i, closed, shares, r.dleq() if count else None))
        elif self.kind == 17:
            body = {"size": r.integer(8), "time": r.integer(8)}
        elif self.kind == 18:
            r.expect_left(32 + bls12_381.G2_BYTES)
            body = {"contribution": r.take(32), "share": r.g2()}
        elif self.kind == 19:
            r.expect_left(bls12_381.G2_BYTES)
            body = {"share": r.g2()}
        elif self.kind == 20:
            guarded = [len(manifest.guarded(i)) for i in decrypted if manifest.guarded(i)]
            sealed = 48 * n + sum(32 * count + 96 for count in guarded) + 16
            r.expect_left(32 + sealed)
            body = {"ephemeral": r.element(), "sealed": r.take(sealed)}
        else:
            body = {"contests": []}
            for i, contest in enumerate(manifest.contests):
                ballots, weight, opened = r.integer(4), r.integer(8), r.integer(1)
                if opened > 1:
                    raise Refused("opened is neither 0 nor 1", "entries.fields")
                totals = None
                if opened:
                    closed = r.closed_cells(manifest, i)
                    totals = [None if o in closed else r.integer(8) for o in range(contest.width)]
                body["contests"].append((ballots, weight, totals))
        r.end()
        self.body = body
