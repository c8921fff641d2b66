"""Close, aggregate, shares and result (tally.md)."""

from proofs import Transcript, check_dleq, u16, u64
from record import root_hash
from ristretto import H, IDENTITY, L, Refused, combine, decode, encode, equal, is_identity


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
        self.faulty = set()

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

    def check_shares(self, trustee, contests):
        for number, shares, proof in contests:
            t = Transcript("decryption").append("election", self.election.election_id).append("close", self.close)
            context = t.append("trustee", u16(trustee)).append("contest", u16(number)).digest("context")
            keys = [self.election.ceremony.verification_keys[trustee][p] for p in self.manifest.contests[number].positions]
            try:
                check_dleq(context, encode(self.aggregates[number]["A"]), keys, shares, proof)
            except Refused as reason:
                self.election.fail("shares.proofs", str(reason))
                self.faulty.add(trustee)

    def combined(self, shares, number):
        """Σ λ_j·D_{j,i} for each position of a contest, from the first t faultless shares."""
        chosen = [j for j in shares if j not in self.faulty][:self.manifest.threshold]
        if len(chosen) < self.manifest.threshold:
            return None
        weights = []
        for j in chosen:
            weight = 1
            for k in chosen:
                if k != j:
                    weight = weight * k * pow(k - j, -1, L) % L
            weights.append(weight)
        parts = [next(d for i, d, _ in shares[j] if i == number) for j in chosen]
        return [combine(weights, [decode(d) for d in column]) for column in zip(*parts)]

    def check_result(self, shares, result):
        for number, (contest, aggregate, (ballots, totals)) in enumerate(zip(self.manifest.contests, self.aggregates,
                                                                            result)):
            def fail(check, reason):
                self.election.fail(check, f"contest {contest.id}: {reason}")

            if ballots != aggregate["ballots"]:
                fail("result.ballots", f"{ballots} ballots instead of {aggregate['ballots']}")
            withheld = aggregate["ballots"] < self.manifest.minimum_ballots
            if withheld != (totals is None):
                fail("result.withheld", "totals must be withheld" if withheld else "totals are missing")
            if withheld or totals is None:
                continue
            masks = self.combined(shares, number) if number in self.decrypted else [IDENTITY] * len(totals)
            if masks is None:
                self.election.report.blocked("result.totals", "there are not enough shares whose proofs hold")
                continue
            for position, value, point, mask in zip(contest.positions, totals, aggregate["B"], masks):
                if value > aggregate["weight"] * contest.bound(position) or not equal(
                        combine([value, 1], [H, mask]), point):
                    fail("result.totals", f"the total {value} of position {position} is not what ballots and shares give")
