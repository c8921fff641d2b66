"""The key ceremony (key-ceremony.md) as a verifier sees it."""

import bls12_381
from proofs import Transcript, check_dleq, check_reveal, u16
from ristretto import G, combine, decode, decode_any, encode, is_identity, multiply, total


LAST_ATTEMPT = 1_000


class Ceremony:
    def __init__(self, election):
        self.election, self.manifest = election, election.manifest
        self.number = 1
        self.keys = self.verification_keys = self.joint_key = self.joint_keys = self.digest = None
        self.reveals_seen = self.complaints = 0
        self.seen = set()  # encryption keys and ephemerals of all attempts
        self.begin()

    def begin(self):
        if not self.over:
            t = Transcript("ceremony session").append("manifest", self.manifest.id)
            self.session = t.append("attempt", u16(self.number)).digest("session")
        self.messages = {name: {} for name in ("commit", "reveal", "deal", "certify")}
        self.leaves = {name: {} for name in self.messages}
        self.keys = self.verification_keys = self.joint_key = self.joint_keys = self.digest = None

    @property
    def over(self):
        return self.number > LAST_ATTEMPT

    def end_attempt(self):
        self.number += 1
        self.begin()

    def all_have(self, name):
        return len(self.messages[name]) == self.manifest.n

    @property
    def complete(self):
        return self.all_have("certify")

    def out_of_place(self, entry):
        """The check and the reason for which a ceremony entry from commit to certify is not admitted now, or None."""
        if self.over:
            return "ceremony.attempts", f"after attempt {LAST_ATTEMPT}, the last"
        if entry.body["attempt"] != self.number:
            return "ceremony.attempts", f"attempt {entry.body['attempt']} during attempt {self.number}"
        before = {"reveal": "commit", "deal": "reveal", "certify": "deal", "complain": "deal"}.get(entry.name)
        if before and not self.all_have(before):
            return "ceremony.rounds", f"before the last {before}"
        if entry.name in self.messages and self.all_have(entry.name):
            return "ceremony.rounds", f"after the last {entry.name}"
        if entry.author in self.messages.get(entry.name, {}):
            return "entries.once", "a second one of this trustee"
        if entry.name == "complain" and entry.author in self.messages["certify"]:
            return "ceremony.rounds", "the complainer has certified"
        if entry.name == "abandon" and (not self.messages["commit"] or self.complete):
            return "ceremony.rounds", "no attempt is under way"
        return None

    def keep(self, name, trustee, body):
        self.messages[name][trustee] = body
        self.leaves[name][trustee] = self.election.leaves[self.election.index]

    def commit(self, trustee, body):
        self.keep("commit", trustee, body)

    def reveal(self, trustee, body):
        election = self.election
        coefficients, key, ephemeral = body["coefficients"], body["encryption key"], body["ephemeral"]
        t = Transcript("ceremony commitment").append("session", self.session).append("trustee", u16(trustee))
        t.append("coefficients", b"".join(coefficients)).append("encryption key", key).append("ephemeral", ephemeral)
        joint = b"".join(body["joint coefficients"])
        t.append("joint coefficients", joint).append("possession", body["possession"])
        if t.digest("commitment") != self.messages["commit"][trustee]["commitment"]:
            election.fail("ceremony.commitments", "other values than committed")
        election.attempt("ceremony.proofs", check_reveal, self.session, trustee, coefficients,
                         self.manifest.threshold, key, ephemeral, body["proof"])
        message = b"psephos v2 possession\0" + self.session + u16(trustee) + joint
        constant_term = bls12_381.decode_g1(body["joint coefficients"][0])
        election.attempt("ceremony.possession", bls12_381.check_joint_signature, constant_term, message,
                         body["possession"], bls12_381.POSSESSION_TAG)
        if key == ephemeral or self.seen & {key, ephemeral}:
            election.fail("ceremony.freshness", "an encryption key or ephemeral was there before")
        self.seen |= {key, ephemeral}
        self.keep("reveal", trustee, body)
        self.reveals_seen += 1
        if self.all_have("reveal"):
            self.make_keys()

    def make_keys(self):
        n, t, positions = self.manifest.n, self.manifest.threshold, range(self.manifest.positions)
        sums = [[total(decode(r["coefficients"][i * t + k]) for r in self.messages["reveal"].values())
                 for k in range(t)] for i in positions]
        shares = {j: [combine([j**k for k in range(t)], sums[i]) for i in positions] for j in range(1, n + 1)}
        if any(is_identity(sums[i][0]) for i in positions):
            self.election.fail("ceremony.keys", "an election key is the identity")
        if any(is_identity(point) for row in shares.values() for point in row):
            self.election.fail("ceremony.keys", "a verification key is the identity")
        joint = [bls12_381.combine([1] * n, [bls12_381.decode_g1(r["joint coefficients"][k])
                                             for r in self.messages["reveal"].values()]) for k in range(t)]
        self.joint_key = joint[0]
        self.joint_keys = {j: bls12_381.combine([j**k for k in range(t)], joint) for j in range(1, n + 1)}
        if self.joint_key is None:
            self.election.fail("ceremony.keys", "the joint key is the identity")
        if None in self.joint_keys.values():
            self.election.fail("ceremony.keys", "a verification key of the joint key is the identity")
        self.keys = [encode(sums[i][0]) for i in positions]
        self.verification_keys = {j: [encode(point) for point in row] for j, row in shares.items()}

    def deal(self, trustee, body):
        self.keep("deal", trustee, body)
        if self.all_have("deal"):
            t = Transcript("ceremony").append("session", self.session)
            for j in range(1, self.manifest.n + 1):
                for name in ("commit", "reveal", "deal"):
                    t.append(name, self.leaves[name][j])
            self.digest = t.append("keys", b"".join(self.keys)).digest("ceremony")

    def complain(self, trustee, body):
        election, dealer = self.election, body["dealer"]
        if dealer == trustee or not 1 <= dealer <= self.manifest.n:
            election.fail("ceremony.complaints", "its dealer is not another trustee")
        else:
            t = Transcript("complaint").append("session", self.session).append("trustee", u16(trustee))
            context = t.append("dealer", u16(dealer)).digest("context")
            reveals = self.messages["reveal"]
            election.attempt("ceremony.complaints", check_dleq, context, reveals[dealer]["ephemeral"],
                             [reveals[trustee]["encryption key"]], [body["point"]], body["proof"])
        self.complaints += 1
        self.end_attempt()

    def certify(self, trustee, body):
        election = self.election
        if body["digest"] != self.digest:
            election.fail("ceremony.digest", "another digest than the recomputed one")
        nu = Transcript("rehearsal").append("ceremony", self.digest).challenge("nonce")
        t = Transcript("rehearsal proof").append("ceremony", self.digest).append("trustee", u16(trustee))
        ys = self.verification_keys[trustee]
        ds = [encode(multiply(nu, decode_any(y))) for y in ys]
        election.attempt("ceremony.rehearsal", check_dleq, t.digest("context"), encode(multiply(nu, G)), ys, ds,
                         body["proof"])
        election.attempt("ceremony.rehearsal", bls12_381.check_joint_signature, self.joint_keys[trustee],
                         b"psephos v2 rehearsal\0" + self.digest, body["rehearsal"])
        self.keep("certify", trustee, body)

    def finish(self):
        report = self.election.report
        report.ran("ceremony.complaints", complaints=self.complaints)
        if not self.complete:
            return
        report.ran("ceremony.registered", trustees=len(self.election.registered))
        for check in ("ceremony.attempts", "ceremony.rounds"):
            report.ran(check, attempts=self.number)
        for check in ("ceremony.commitments", "ceremony.proofs", "ceremony.possession", "ceremony.freshness"):
            report.ran(check, reveals=self.reveals_seen)
        report.ran("ceremony.keys", keys=(self.manifest.positions + 1) * (1 + self.manifest.n))
        for check in ("ceremony.digest", "ceremony.rehearsal", "ceremony.everybody"):
            report.ran(check, trustees=len(self.messages["certify"]))
