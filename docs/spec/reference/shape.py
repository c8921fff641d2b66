"""`Style.Shape` (manifest.md): the coordinates of a style's ballots, their constraints and range forms."""

from proofs import BIT, u16, u64
from ranges import Range


def digits(maximum):
    """manifest.md, `Digits`."""
    return [(maximum + 2**i) // 2 ** (i + 1) for i in range(maximum.bit_length())]


class Shape:
    """Coordinates are (kind, factors, position or None, weight). Contests add theirs, in order."""

    def __init__(self, contests):
        self.coordinates, self.constraints, self.forms, self.positions = [], [], [], 0
        self.found = {}  # by contest: the coordinates of its value, or of its categories
        largest = 0
        for contest in contests:
            contest.add_to(self)
            self.positions += contest.width
            largest = max(largest, getattr(contest, "range", 0))
        self.bits = next(n for n in (8, 16, 32) if 2**n > largest) if self.forms else 0
        self.ranges = Range(self.bits, len(self.forms)) if self.forms else None

    def add(self, kind, offset=None, weight=0, factors=(0, 0)):
        """The number of a new coordinate; `offset`: its position within the contest that is being added."""
        self.coordinates.append((kind, factors, None if offset is None else self.positions + offset, weight))
        return len(self.coordinates) - 1

    def bit(self, offset, weight=1):
        return self.add(BIT, offset, weight)

    def constrain(self, constant, terms):
        self.constraints.append((constant, terms))

    def restrict(self, constant, terms):
        """A range form: terms are (coordinate, coefficient with its sign), those of coefficient 0 are left out."""
        self.forms.append((constant, [(j, c) for j, c in sorted(terms) if c]))

    @property
    def range_bytes(self):
        return 32 * self.ranges.elements if self.ranges else 0

    @property
    def ballot_bytes(self):
        """What follows the fields before alpha in the body of a ballot."""
        linked = 2 if self.ranges else 0
        return self.range_bytes + 32 * (1 + self.positions + 6 + len(self.coordinates) + 3 + linked)

    def encode(self):
        out = u16(self.positions) + u16(len(self.coordinates))
        for kind, factors, position, weight in self.coordinates:
            out += bytes([kind]) + u16(factors[0]) + u16(factors[1])
            out += u16(65535 if position is None else position) + u64(weight)
        out += u16(len(self.constraints))
        for constant, terms in self.constraints:
            out += u64(constant) + u16(len(terms))
            out += b"".join(u16(j) + u64(coefficient) for j, coefficient in terms)
        out += bytes([self.bits]) + u16(len(self.forms))
        for constant, terms in self.forms:
            out += u64(constant) + u16(len(terms))
            out += b"".join(u16(j) + bytes([c < 0]) + u64(abs(c)) for j, c in terms)
        return out
