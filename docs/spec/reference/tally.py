"""Close, aggregate, shares, closed cells and result (tally.md)."""

from functools import lru_cache
from math import isqrt

import cells
from proofs import Transcript, check_dleq, u16, u64
from record import root_hash
from ristretto import H, IDENTITY, L, Refused, add, combine, decode, encode, equal, is_identity, multiply


class Tally:
    """Made when the election closes: the aggregates of what was cast before."""

    def __init__(self, election):
        self.election, self.manifest = election, election.manifest
        self.size = election.index + 1
        self.root = root_hash(election.leaves[:self.size])
        t = Transcript("certified close").append("election", election.election_id)
        self.close = t.append("size", u64(self.size)).append("root", self.root).digest("close")
        self.aggregates = [self.aggregate(i) for i in range(len(self.manifest.contests))]
        self.decrypted = [i for i, a in enumerate(self.aggregates)
                          if a["ballots"] >= self.manifest.minimum_ballots and not is_identity(a["A"])]
        self.guarded = [i for i in self.decrypted if self.manifest.guarded(i)]
        self.shares, self.faulty = {}, set()  # by trustee and contest: closed cells, shares of the others
        self.pattern = None

    def aggregate(self, number):
        manifest, contest = self.manifest, self.manifest.contests[number]
        alphas, weights, betas = [], [], {p: [] for p in contest.positions}
        for credential, ballot in self.election.ballots.items():
            style = ballot["style"]
            if number not in manifest.styles[style]:
                continue
            weights.append(self.election.voters[credential][1])
            alphas.append(decode(ballot["alpha"]))
            for position, beta in zip(manifest.positions_of(style), ballot["beta"]):
                if position in betas:
                    betas[position].append(decode(beta))
        return {"ballots": len(weights), "weight": sum(weights), "A": combine(weights, alphas),
                "B": [combine(weights, betas[p]) for p in contest.positions]}

    def add_shares(self, trustee, contests):
        """Checks their proofs; the first closed cells that t trustees have in common are the pattern."""
        self.shares[trustee] = {number: (closed, shares) for number, closed, shares, _ in contests}
        for number, closed, shares, proof in contests:
            if proof is None:
                continue
            t = Transcript("decryption").append("election", self.election.election_id).append("close", self.close)
            context = t.append("trustee", u16(trustee)).append("contest", u16(number)).digest("context")
            keys = [self.election.ceremony.verification_keys[trustee][p]
                    for offset, p in enumerate(self.manifest.contests[number].positions) if offset not in closed]
            try:
                check_dleq(context, encode(self.aggregates[number]["A"]), keys, shares, proof)
            except Refused as reason:
                self.election.fail("shares.proofs", str(reason))
                self.faulty.add(trustee)
        mine = self.closed_by(trustee)
        if self.pattern is None and sum(self.closed_by(j) == mine for j in self.shares) >= self.manifest.threshold:
            self.pattern = mine

    def closed_by(self, trustee):
        return {number: closed for number, (closed, _) in self.shares[trustee].items()}

    def masks(self, number):
        """Σ λ_j·D_{j,i} by open offset of a contest, from the first t faultless shares of the pattern."""
        contest = self.manifest.contests[number]
        if number not in self.decrypted:
            return {offset: IDENTITY for offset in range(contest.width)}
        chosen = [j for j in self.shares if j not in self.faulty and self.closed_by(j) == self.pattern]
        chosen = chosen[:self.manifest.threshold]
        if len(chosen) < self.manifest.threshold:
            return None
        weights = []
        for j in chosen:
            weight = 1
            for k in chosen:
                if k != j:
                    weight = weight * k * pow(k - j, -1, L) % L
            weights.append(weight)
        parts = [self.shares[j][number][1] for j in chosen]
        still_open = [offset for offset in range(contest.width) if offset not in self.pattern[number]]
        return {offset: combine(weights, [decode(d) for d in column]) for offset, column in zip(still_open, zip(*parts))}

    def check_cells(self):
        """Of the totals that the shares give, whatever the result says."""
        if not self.manifest.minimum_cell:
            return
        if self.pattern is None:
            self.election.report.blocked("shares.cells", "too few trustees closed the same cells")
            return
        counts = {}
        for number in self.guarded:
            masks, aggregate = self.masks(number), self.aggregates[number]
            for offset in self.manifest.guarded(number):
                if offset in self.pattern[number]:
                    continue
                count = None
                if masks is not None:
                    point = combine([1, -1], [aggregate["B"][offset], masks[offset]])
                    count = small_logarithm(point, aggregate["weight"])
                if count is None:
                    self.election.report.blocked("shares.cells", "shares and ballots give no total")
                    return
                counts[number, offset] = count
        ballots = [aggregate["ballots"] for aggregate in self.aggregates]
        for fault in cells.Guard(self.manifest, self.decrypted, ballots).faults(counts):
            self.election.report.fail("shares.cells", fault)

    def check_result(self, result):
        for number, (contest, aggregate, given) in enumerate(zip(self.manifest.contests, self.aggregates, result)):
            ballots, weight, totals = given

            def fail(check, reason):
                self.election.fail(check, f"contest {contest.id}: {reason}")

            if (ballots, weight) != (aggregate["ballots"], aggregate["weight"]):
                fail("result.ballots", f"{ballots} ballots of weight {weight} instead of {aggregate['ballots']} of weight "
                     f"{aggregate['weight']}")
            withheld = aggregate["ballots"] < self.manifest.minimum_ballots
            if withheld != (totals is None):
                fail("result.withheld", "totals must be withheld" if withheld else "totals are missing")
            if withheld or totals is None:
                continue
            if {o for o, total in enumerate(totals) if total is None} != self.pattern.get(number, set()):
                fail("result.withheld", "other cells are closed than by the shares")
                continue
            masks = self.masks(number)
            if masks is None:
                self.election.report.blocked("result.totals", "there are not enough shares whose proofs hold")
                continue
            for offset, mask in masks.items():
                most, value = aggregate["weight"] * contest.bound(offset), totals[offset]
                if value > most or not equal(combine([value, 1], [H, mask]), aggregate["B"][offset]):
                    fail("result.totals", f"the total {value} of position {contest.first + offset} is not what ballots "
                         "and shares give")


@lru_cache(maxsize=4)
def first_multiples(width):
    """0·H to (width - 1)·H by their encodings."""
    out, point = {}, IDENTITY
    for i in range(width):
        out[encode(point)] = i
        point = add(point, H)
    return out


def small_logarithm(point, most):
    """The v from 0 to most with v·H = point, or None: baby steps and giant steps (Shanks 1971)."""
    width = isqrt(most) + 1
    table, step = first_multiples(width), multiply(-width, H)
    for giant in range(0, most + 1, width):
        baby = table.get(encode(point))
        if baby is not None:
            return giant + baby if giant + baby <= most else None
        point = add(point, step)
    return None
