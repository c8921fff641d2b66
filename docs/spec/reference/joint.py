"""What the trustees sign jointly (beacon-and-seal.md): the beacon after the close, the seal after the result."""

import bls12_381
from proofs import Transcript, u16, u64
from record import root_hash
from ristretto import Refused


class Signature:
    """The shares of a joint signature on one message, which a subclass gives."""

    def __init__(self, election):
        self.election, self.entries, self.shares = election, {}, {}

    def add(self, trustee, body):
        self.entries[trustee] = body
        try:
            key = self.election.ceremony.joint_keys[trustee]
            bls12_381.check_joint_signature(key, self.message, body["share"])
            self.shares[trustee] = bls12_381.decode_g2(body["share"])
        except Refused as reason:
            self.election.fail(self.check, str(reason))

    @property
    def signature(self):
        """Any t valid shares give the same, encoded; None where there are fewer."""
        chosen = list(self.shares)[:self.election.manifest.threshold]
        if len(chosen) < self.election.manifest.threshold:
            return None
        weights = []
        for j in chosen:
            weight = 1
            for k in chosen:
                if k != j:
                    weight = weight * k * pow(k - j, -1, bls12_381.R) % bls12_381.R
            weights.append(weight)
        combined = bls12_381.combine(weights, [self.shares[j] for j in chosen])
        return combined and bls12_381.encode_g2(combined)  # the identity, under a key that is one, is no signature


class Beacon(Signature):
    check = "beacon.shares"

    def __init__(self, election):
        super().__init__(election)
        self.contributions = {}

    @property
    def message(self):
        return b"psephos v2 beacon\0" + self.election.election_id

    def add(self, trustee, body):
        super().add(trustee, body)
        ceremony = self.election.ceremony
        t = Transcript("contribution commitment").append("session", ceremony.session).append("trustee", u16(trustee))
        commitment = t.append("contribution", body["contribution"]).digest("commitment")
        if commitment == ceremony.messages["certify"][trustee]["contribution"]:
            self.contributions[trustee] = body["contribution"]
        else:
            self.election.fail("beacon.contributions", "another contribution than committed to")

    @property
    def audit_seed(self):
        if self.signature is None:
            return None
        t = Transcript("beacon audit").append("election", self.election.election_id)
        return t.append("signature", self.signature).digest("seed")

    def lot_seed(self, contest):
        """Of a contest by number; None where a contribution or the signature is not there."""
        if self.signature is None or len(self.contributions) < self.election.manifest.n:
            return None
        t = Transcript("beacon lot").append("election", self.election.election_id).append("signature", self.signature)
        t.append("contributions", b"".join(self.contributions[j] for j in sorted(self.contributions)))
        return t.append("contest", u16(contest)).digest("seed")

    def lot_order(self, contest):
        """The options of a contest, both by number, in the order of the lots; None where there are none."""
        seed = self.lot_seed(contest)
        if seed is None:
            return None

        def rank(option):
            return Transcript("lot").append("seed", seed).append("option", u16(option)).digest("rank")

        return sorted(range(self.election.manifest.contests[contest].options), key=rank)

    def describe(self):
        contests = [(i, c) for i, c in enumerate(self.election.manifest.contests) if c.kind in ("choices", "points")]
        exist = self.lot_seed(0) is not None
        lots = [{"contest": c.id, "order": self.lot_order(i)} for i, c in contests]
        return {"message": self.message.hex(), "by": sorted(self.shares), "contributions": sorted(self.contributions),
                "signature": self.signature and self.signature.hex(),
                "audit_seed": self.audit_seed and self.audit_seed.hex(),
                "entries": self.election.tally.size if self.election.tally else 0,  # of which an audit draws its sample
                "lots": lots if exist else None}


class Seal(Signature):
    """Made when the result is admitted."""

    check = "seal.shares"

    def __init__(self, election):
        super().__init__(election)
        self.size = election.index + 1
        self.root = root_hash(election.leaves[:self.size])

    @property
    def message(self):
        return b"psephos v2 seal\0" + self.election.election_id + u64(self.size) + self.root

    def describe(self):
        return {"message": self.message.hex(), "by": sorted(self.shares), "size": self.size, "root": self.root.hex(),
                "signature": self.signature and self.signature.hex()}


def audit_sample(seed, entries):
    """The numbers of this many entries, in the order in which an audit takes them."""
    return sorted(range(entries),
                  key=lambda i: Transcript("sample").append("seed", seed).append("entry", u64(i)).digest("rank"))
