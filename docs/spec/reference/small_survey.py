"""Makes small surveys for tests: ballots with every kind of question, previews, shares with closed cells, results.

The provers here (ballot.md, ranges.md) are a second way to what the programs of this project prove. Every secret follows
from names, and nothing is hidden from anybody.
"""

import sys
from pathlib import Path

import cells
import record
from proofs import BIT, PRODUCT, Transcript, u16, u32, u64
from ranges import generators, powers, transcript
from ristretto import BLIND, G, H, L, combine, decode, encode, multiply, vector_generator
from shape import digits
from small_election import THRESHOLD, TRUSTEES, SmallElection, prove_dleq, scalar, secret

TEXT = {"en": "A text"}


def option(name, **more):
    return {"id": name, "label": {"en": name}, **more}


def number(name, lo, hi, **more):
    return {"id": name, "kind": "number", "title": TEXT, "lo": lo, "hi": hi, "decimals": 0, "blank": False, "spread": True,
            **more}


CONTESTS = [
    {"id": "place", "kind": "choices", "title": TEXT, "options": [option("a"), option("b"), option("c")], "min": 1, "max": 1,
     "blank": False},
    {"id": "help", "kind": "choices", "title": TEXT, "options": [option("a"), option("b"), option("c")], "min": 0, "max": 3,
     "blank": False},
    {"id": "rows", "kind": "matrix", "title": TEXT, "rows": [option("r"), option("s")],
     "options": [option("no", value=-1), option("yes", value=1)], "blank": True},
    number("hours", -5, 14, decimals=1, blank=True, buckets=[-5, 0, 5]), number("years", 0, 60), number("age", 18, 100),
    {"id": "years-age", "kind": "product", "title": TEXT, "of": ["years", "age"]},
    {"id": "place-hours", "kind": "table", "title": TEXT, "of": ["place", "hours"]},
]


def inner(a, b):
    return sum(x * y for x, y in zip(a, b)) % L


def prove_ranges(t, sizes, values, blindings):
    """`Ranges.Prove` after the commitments: a Bulletproof under a Merlin transcript."""
    n, count, width = sizes.bits, sizes.values, sizes.width
    commitments = [encode(combine([v, r], [H, BLIND])) for v, r in zip(values, blindings)]
    values, blindings = values + [0] * (count - len(values)), blindings + [0] * (count - len(blindings))
    g, h = generators(n, count)

    def challenge(label):
        return int.from_bytes(t.challenge_bytes(label, 64), "little") % L

    def drawn(*name):
        return secret("bulletproof", *commitments, *name)

    t.append_message("dom-sep", b"rangeproof v1")
    t.append_u64("n", n)
    t.append_u64("m", count)
    for commitment in commitments + [bytes(32)] * (count - len(commitments)):
        t.append_message("V", commitment)
    left = [value >> i & 1 for value in values for i in range(n)]
    right = [bit - 1 for bit in left]
    s_left, s_right = [drawn("left", i) for i in range(width)], [drawn("right", i) for i in range(width)]
    alpha, rho, tau_1, tau_2 = map(drawn, ("alpha", "rho", "tau 1", "tau 2"))
    points = [encode(combine([alpha] + left + right, [BLIND] + g + h)),
              encode(combine([rho] + s_left + s_right, [BLIND] + g + h))]
    for label, point in zip("AS", points):
        t.append_message(label, point)
    y, z = challenge("y"), challenge("z")
    ys = powers(y, width)
    l_0 = [a - z for a in left]
    r_0 = [ys[i] * (right[i] + z) + pow(z, 2 + i // n, L) * 2 ** (i % n) for i in range(width)]
    r_1 = [a * b for a, b in zip(ys, s_right)]
    t_1, t_2 = inner(l_0, r_1) + inner(s_left, r_0), inner(s_left, r_1)
    points += [encode(combine([t_1, tau_1], [H, BLIND])), encode(combine([t_2, tau_2], [H, BLIND]))]
    t.append_message("T_1", points[2])
    t.append_message("T_2", points[3])
    x = challenge("x")
    a, b = ([(p + x * q) % L for p, q in zip(*pair)] for pair in ((l_0, s_left), (r_0, r_1)))
    hidden = tau_1 * x + tau_2 * x * x + sum(pow(z, 2 + k, L) * r for k, r in enumerate(blindings))
    scalars = [scalar(inner(a, b)), scalar(hidden), scalar(alpha + rho * x)]
    for label, part in zip(("t_x", "t_x_blinding", "e_blinding"), scalars):
        t.append_message(label, part)
    q = multiply(challenge("w"), H)
    t.append_message("dom-sep", b"ipp v1")
    t.append_u64("n", width)
    # What the folded generators are made of: the i-th takes part in the one of number i mod the folded length.
    in_g, in_h, rounds = [1] * width, powers(pow(y, -1, L), width), []
    while len(a) > 1:
        length, half = len(a), len(a) // 2
        (a_l, a_r), (b_l, b_r) = ((v[:half], v[half:]) for v in (a, b))
        low, high = ([i for i in range(width) if (i % length < half) == side] for side in (True, False))
        for label, a_half, b_half, of_g, of_h in (("L", a_l, b_r, high, low), ("R", a_r, b_l, low, high)):
            scalars_g = [in_g[i] * a_half[i % half] for i in of_g]
            scalars_h = [in_h[i] * b_half[i % half] for i in of_h]
            rounds.append(encode(combine(scalars_g + scalars_h + [inner(a_half, b_half)],
                                         [g[i] for i in of_g] + [h[i] for i in of_h] + [q])))
            t.append_message(label, rounds[-1])
        u = challenge("u")
        v = pow(u, -1, L)
        a, b = [(p * u + r * v) % L for p, r in zip(a_l, a_r)], [(p * v + r * u) % L for p, r in zip(b_l, b_r)]
        for i in range(width):
            first = i % length < half
            in_g[i], in_h[i] = in_g[i] * (v if first else u) % L, in_h[i] * (u if first else v) % L
    return b"".join(commitments + points + scalars + rounds) + scalar(a[0]) + scalar(b[0])


def coordinates(contests, answers):
    """The values of all coordinates of a ballot; of contests that ask nothing there is no answer.

    Answers: of choices and points the values of options, of a matrix the column of each row, of a number the integer; None
    is blank.
    """
    out, categories = [], {}

    def split(value, weights):
        for weight in weights:
            out.append(int(value >= weight))
            value -= out[-1] * weight

    for contest in contests:
        start, answer = len(out), answers.get(contest.id)
        if contest.kind in ("choices", "points"):
            chosen = [0] * contest.options if answer is None else answer
            for value in chosen:
                split(value, digits(contest.max_per_option))
            out += [int(answer is None)] * contest.blank
            categories[contest.id] = out[start:]
            split(0 if answer is None else contest.max - sum(chosen), digits(contest.max - contest.min))
        elif contest.kind == "matrix":
            for column in answer:
                out += [int(k == column) for k in range(contest.columns)]
        elif contest.kind == "number":
            value = 0 if answer is None else answer - contest.lo
            out += [value] + [int(answer is None)] * contest.blank + [value**2] * contest.spread
            buckets = [int(answer is not None and a <= answer <= b) for a, b in contest.buckets]
            out += buckets
            categories[contest.id] = buckets + [int(answer is None)] * contest.blank
        elif contest.kind == "product":
            out.append((answers[contest.of[0].id] - contest.of[0].lo) * (answers[contest.of[1].id] - contest.of[1].lo))
        else:
            rows, columns = (categories[base.id] for base in contest.of)
            out += [a * b for a in rows for b in columns]
    return out


def in_kernel(shape, draw):
    """`Kernel`: masks that are uniform where the constraints leave them free, and what follows in the others."""
    rows = []  # (pivot, coefficients), reduced
    for _, terms in shape.constraints:
        row = {}
        for j, c in terms:
            row[j] = c
        for pivot, known in rows:
            factor = row.get(pivot, 0)
            for j, c in known.items() if factor else ():
                row[j] = (row.get(j, 0) - factor * c) % L
        row = {j: c for j, c in row.items() if c}
        if not row:
            continue
        pivot = min(row)
        inverse = pow(row[pivot], -1, L)
        row = {j: c * inverse % L for j, c in row.items()}
        for i, (other, known) in enumerate(rows):
            factor = known.get(pivot, 0)
            changed = {j: (known.get(j, 0) - factor * row.get(j, 0)) % L for j in {*known, *row}}
            rows[i] = other, {j: c for j, c in changed.items() if c}
        rows.append((pivot, row))
    masks = [draw(j) for j in range(len(shape.coordinates))]
    pivots = {pivot for pivot, _ in rows}
    for pivot, row in rows:
        masks[pivot] = -sum(c * masks[j] for j, c in row.items() if j not in pivots) % L
    return masks


def prove_ballot(t, shape, keys, b, r, name, committed=None):
    """`BallotProof.Prove`, from beta on; `committed`: other values of the range forms than those of b, for a fault."""
    def draw(*what):
        return secret("ballot", name, *what)

    forms = [(constant + sum(c * b[j] for j, c in terms)) for constant, terms in shape.forms]
    blindings, ranges = [draw("gamma", k) for k in range(len(forms))], b""
    if forms:
        context = t.copy().digest("ranges context")
        values = forms if committed is None else committed
        ranges = prove_ranges(transcript(context), shape.ranges, values, blindings)
    t.append("ranges", ranges)
    base = [vector_generator(j) for j in range(1, len(b) + 1)]
    s, big_t, u, w, rho, tau = map(draw, ("s", "t", "u", "w", "rho", "tau"))
    c = encode(combine([s] + b, [BLIND] + base))
    y = t.append("C", c).challenge("y")
    a = in_kernel(shape, lambda j: draw("mask", j))
    d, e = [], []
    for j, (kind, (k, l), _, _) in enumerate(shape.coordinates):
        bit, product = kind == BIT, kind == PRODUCT
        d.append(a[j] * (1 - 2 * b[j]) if bit else a[j] - a[k] * b[l] - a[l] * b[k] if product else 0)
        e.append(a[j] ** 2 if bit else a[k] * a[l] if product else 0)
    values = sum(pow(y, position, L) * weight * a[j] for j, (_, _, position, weight) in enumerate(shape.coordinates)
                 if position is not None)
    key_scalars = [rho * pow(y, i, L) for i in range(len(keys))]
    parts = [combine([big_t] + a, [BLIND] + base), combine([u] + d, [BLIND] + base),
             combine([w] + [-v for v in e], [BLIND] + base), multiply(rho, G),
             combine([values] + key_scalars, [H] + [decode(key) for key in keys])]
    if forms:
        masked = sum(pow(y, k, L) * coefficient * a[j] for k, (_, terms) in enumerate(shape.forms) for j, coefficient in terms)
        parts.append(combine([masked, tau], [H, BLIND]))
    parts = [encode(part) for part in parts]
    for label, part in zip(("A", "D", "E", "T_alpha", "T_beta", "T_W"), parts):
        t.append(label, part)
    x = t.challenge("x")
    answers = [x * b_j + a_j for b_j, a_j in zip(b, a)] + [x * s + big_t, x * u + w, rho + x * r]
    if forms:
        answers.append(tau + x * sum(pow(y, k, L) * g for k, g in enumerate(blindings)))
    return ranges, c + b"".join(parts) + b"".join(map(scalar, answers))


class Ballot:
    """The first ballot of a voter, of style 0.

    `committed` and `change` make a false one: other values in the commitments, other coordinates.
    """

    def __init__(self, manifest, keys, election, voter, answers, committed=None, change=None):
        shape, self.r = manifest.shapes[0], secret("nonce of a ballot", voter)
        b = coordinates(manifest.contests, answers)
        if change:
            change(b)
        self.values = [0] * shape.positions
        for value, (_, _, position, weight) in zip(b, shape.coordinates):
            if position is not None:
                self.values[position] += weight * value
        self.alpha = encode(multiply(self.r, G))
        self.betas = [encode(combine([v, self.r], [H, decode(key)])) for v, key in zip(self.values, keys)]
        self.credential = encode(multiply(secret("voter", voter), G))
        t = Transcript("ballot proof").append("election", election).append("style", u16(0))
        t.append("shape", shape.encode()).append("keys", b"".join(keys)).append("credential", self.credential)
        t.append("counter", u32(1)).append("previous", bytes(32)).append("alpha", self.alpha)
        t.append("beta", b"".join(self.betas))
        self.ranges, self.proof = prove_ballot(t, shape, keys, b, self.r, (voter, str(answers)), committed)


class SmallSurvey(SmallElection):
    """A survey of one style, in which all voters answer once."""

    voters = [(0, 1)] * 8
    minimum_cell = 2

    def __init__(self, contests=CONTESTS, **changes):
        style = {"id": "all", "contests": [c["id"] for c in contests]}
        super().__init__(**{"contests": contests, "styles": [style], "minimum_cell": self.minimum_cell, "minimum_ballots": 2,
                            **changes})
        self.totals, self.alphas, self.cast_ballots = [0] * len(self.positions), 0, 0

    def cast(self, voter, answers):
        ballot = Ballot(self.manifest, [self.keys[i:i + 32] for i in range(0, len(self.keys), 32)], self.scope, voter, answers)
        start = u16(0) + u32(1) + bytes(32)
        self.append(11, ("voter", voter), ballot.credential,
                    start + ballot.alpha + b"".join(ballot.betas) + ballot.ranges + ballot.proof)
        self.totals = [total + value for total, value in zip(self.totals, ballot.values)]
        self.alphas, self.cast_ballots = self.alphas + ballot.r, self.cast_ballots + 1

    def ballots(self):
        """What all voters answer, in order."""
        for voter in range(8):
            yield {"place": [int(voter % 2 == k) for k in range(3)], "help": [int(voter > 1), int(voter > 4), 0],
                   "rows": [1, 0 if voter > 3 else 1], "hours": None if voter == 3 else 2 * voter - 5, "years": 7 * voter,
                   "age": 18 + 5 * voter}

    def through_close(self, **how):
        self.through_opening()
        for voter, answers in enumerate(self.ballots()):
            self.cast(voter, answers)
        opened = self
        opening, self.through_opening = self.through_opening, lambda: opened
        super().through_close(**how)
        self.through_opening = opening
        digest = Transcript("certified close").append("election", self.scope).append("size", u64(self.closed_at))
        digest.append("root", record.root_hash(self.leaves[:self.closed_at]))
        self.close_digest = digest.digest("close")
        return self

    @property
    def guarded(self):
        return [i for i in range(len(self.manifest.contests)) if self.manifest.guarded(i)]

    def counts(self):
        return {(i, offset): self.totals[self.manifest.contests[i].first + offset] for i in self.guarded
                for offset in self.manifest.guarded(i)}

    def closed(self):
        """The pattern: of each contest the offsets that are closed."""
        contests = self.manifest.contests
        guard = cells.Guard(self.manifest, range(len(contests)), [self.cast_ballots] * len(contests))
        still_open = guard.close(self.counts())
        return [contest.closed_with({offset for offset in self.manifest.guarded(i) if (i, offset) not in still_open})
                for i, contest in enumerate(contests)]

    def bitmap(self, number, closed):
        guarded = self.manifest.guarded(number)
        bits = "".join("1" if offset in closed else "0" for offset in guarded)
        return bytes(int(bits[i:i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))

    def preview(self, j, body=None):
        count = sum(32 * len(self.manifest.guarded(i)) + 96 for i in self.guarded)
        sealed = bytes(48 * len(TRUSTEES) + count + 16)  # nobody opens it here
        self.by_trustee(20, j, encode(multiply(secret("preview", j), G)) + sealed if body is None else body)

    def share(self, j, closed=None):
        closed, body = self.closed() if closed is None else closed, b""
        a = multiply(self.alphas, G)
        for i, contest in enumerate(self.manifest.contests):
            body += self.bitmap(i, closed[i])
            secrets = [self.key_share(j, p) for offset, p in enumerate(contest.positions) if offset not in closed[i]]
            if secrets:
                t = Transcript("decryption").append("election", self.scope).append("close", self.close_digest)
                context = t.append("trustee", u16(j)).append("contest", u16(i)).digest("context")
                body += b"".join(encode(multiply(s, a)) for s in secrets) + prove_dleq(context, a, secrets)
        self.by_trustee(15, j, body)

    def results(self, closed=None):
        """Per contest ballots, weight and totals, as the reader of a result gives them."""
        closed = self.closed() if closed is None else closed
        return [(self.cast_ballots, self.cast_ballots,
                 [None if o in closed[i] else self.totals[c.first + o] for o in range(c.width)])
                for i, c in enumerate(self.manifest.contests)]

    def result(self, closed=None, results=None):
        body = b""
        for i, (ballots, weight, totals) in enumerate(results or self.results(closed)):
            missing = {offset for offset, total in enumerate(totals) if total is None}
            body += u32(ballots) + u64(weight) + b"\1" + self.bitmap(i, missing)
            body += b"".join(u64(total) for total in totals if total is not None)
        self.append(16, "organiser", b"", body)

    def through_result(self, closed=None):
        for j in TRUSTEES[:THRESHOLD]:
            self.preview(j)
        for j in TRUSTEES[:THRESHOLD]:
            self.share(j, closed)
        self.result(closed)
        return self


def main(folder):
    """Writes the record of a sound survey, for other verifiers."""
    for name, content in SmallSurvey().through_close().through_result().files().items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
