"""The fold over entries (board.md), and the checks that go with it.

An entry that cannot be decoded, or that comes out of its place, is skipped, and the checks of its
kind can then not have looked at everything: they are "not checked". An entry that fails any other
check is reported and still changes the state, so that one fault names one check where it can.
"""

import ceremony
import tally
from entries import NAMES, Entry
from manifest import Manifest
from proofs import Transcript, check_ballot, check_signature, u16, u32
from record import leaf_hash
from ristretto import Refused, decode, encode, is_identity, total

CHECKS_OF = {
    "roll": ["roll.parts", "roll.possession"], "commit": ["ceremony.commitments"],
    "reveal": ["ceremony.commitments", "ceremony.proofs", "ceremony.freshness", "ceremony.keys"],
    "complain": ["ceremony.complaints"], "certify": ["ceremony.certified"], "open": ["open.binding", "open.bounds"],
    "ballot": ["ballots.eligibility", "ballots.chain", "ballots.unique", "ballots.proofs"],
    "void": ["ballots.eligibility", "ballots.chain", "ballots.unique"], "certify-close": ["close.certified"],
    "shares": ["shares.proofs", "shares.threshold"], "result": ["result.totals"],
}

MOST = 100  # ballots, and voids, of one voter


class Election:
    def __init__(self, report, manifest, leaves):
        self.report, self.manifest, self.leaves = report, manifest, leaves
        self.index, self.entry = 0, None
        self.voters, self.roll_leaves = {}, []  # style and weight by credential; leaves of roll entries
        self.styles_and_weights, self.parts = [], set()  # of everybody listed; (issuer, part)
        self.listed = 0
        self.registered = set()
        self.ceremony = ceremony.Ceremony(self)
        self.election_id = None
        self.ballots, self.codes = {}, {}
        self.cast, self.voided = set(), set()  # alphas of ballots; (credential, alpha) of voids
        self.void_counts = {}
        self.counts = {name: 0 for name in NAMES.values()}
        self.closed_at = None
        self.tally = None
        self.certified_close = set()
        self.shares = {}
        self.result = None

    def fail(self, check, reason):
        self.report.fail(check, f"entry {self.index} ({self.entry.name}): {reason}")

    def attempt(self, check, function, *arguments):
        """Runs a function that refuses, for a check."""
        try:
            return function(*arguments)
        except Refused as reason:
            self.fail(check, str(reason))

    def apply(self, index, data):
        """`Election.Apply`."""
        self.index = index
        report, manifest = self.report, self.manifest
        entry = Entry(data)
        try:
            entry.decode_envelope()
            entry.decode_author(manifest)
            decrypted = self.tally.decrypted if self.tally else None
            if entry.name != "shares" or decrypted is not None:
                entry.decode_body(manifest, decrypted)
        except Refused as reason:
            report.fail("entries.encoding", f"entry {index}: {reason}")
            report.blocked("entries.signatures", f"entry {index} cannot be decoded")
            self.skip(entry.name)
            return
        self.entry = entry
        expected = manifest.id if entry.kind <= 10 else self.election_id
        if entry.scope != expected:
            self.fail("entries.scope", "another scope" if expected else "there is no election id before the opening")
        self.attempt("entries.signatures", check_signature, entry.key, b"psephos v1 entry\0" + entry.unsigned,
                     entry.signature)
        fault = self.out_of_place(entry)
        if fault:
            self.fail("entries.order", fault)
            self.skip(entry.name)
            return
        self.counts[entry.name] += 1
        getattr(self, "on_" + entry.name.replace("-", "_"))(entry.body, entry)

    def skip(self, name):
        for check in CHECKS_OF.get(name, []):
            self.report.blocked(check, f"entry {self.index} ({name}) could not be taken into account")

    def out_of_place(self, entry):
        """Why the entry is not admitted where it is ("admitted when"), or None."""
        name = entry.name
        if name == "manifest":
            return None if self.index == 0 else "a second manifest"
        if self.result is not None:
            return "after the result"
        if entry.kind <= 10 and self.election_id is not None:
            return "after the opening"
        if entry.kind >= 11 and self.election_id is None:
            return "before the opening"
        if name in ("ballot", "void", "close"):
            return "after the close" if self.tally else None
        if entry.kind >= 14 and not self.tally:
            return "before the close"
        if name == "register":
            return "registered twice" if entry.author in self.registered else None
        if 4 <= entry.kind <= 9:
            if len(self.registered) < self.manifest.n:
                return "before all have registered"
            return self.ceremony.out_of_place(entry)
        if name == "open":
            if not self.ceremony.complete:
                return "before all have certified"
            return None if self.listed else "without voters"
        if name == "certify-close":
            return "certified twice" if entry.author in self.certified_close else None
        if name == "shares":
            if len(self.certified_close) < self.manifest.close_quorum:
                return "before enough trustees certified the close"
            return "shares given twice" if entry.author in self.shares else None
        if name == "result":
            return None if len(self.shares) >= self.manifest.threshold else "before enough shares"
        return None

    def on_manifest(self, body, entry):
        pass

    def on_roll(self, body, entry):
        manifest = self.manifest
        if body["first"] != self.listed:
            self.fail("roll.parts", f"first is {body['first']} after {self.listed} voters")
        for i, voter in enumerate(body["voters"]):
            who = f"voter {self.listed + i}"
            points = [decode(part) for part, _ in voter["parts"]]
            point = total(points)
            credential = encode(point)
            if voter["style"] >= len(manifest.styles):
                self.fail("roll.parts", f"{who} has no existing style")
            if voter["weight"] < 1:
                self.fail("roll.parts", f"{who} has weight 0")
            if is_identity(point):
                self.fail("roll.parts", f"{who} has the identity as credential")
            if credential in self.voters:
                self.fail("roll.parts", f"{who} has the credential of an earlier one")
            for k, (part, proof) in enumerate(voter["parts"]):
                if (k, part) in self.parts:
                    self.fail("roll.parts", f"{who} has a part of an earlier one")
                self.parts.add((k, part))
                message = b"psephos v1 credential part\0" + manifest.uuid + u16(k)
                self.attempt("roll.possession", check_signature, part, message, proof)
            self.styles_and_weights.append((voter["style"], voter["weight"]))
            self.voters.setdefault(credential, self.styles_and_weights[-1])
        self.listed += len(body["voters"])
        if self.listed > 2**31:
            self.fail("roll.parts", "more than 2^31 voters")
        self.roll_leaves.append(self.leaves[self.index])

    def on_register(self, body, entry):
        self.registered.add(entry.author)

    def on_commit(self, body, entry):
        self.ceremony.commit(entry.author, body)

    def on_reveal(self, body, entry):
        self.ceremony.reveal(entry.author, body)

    def on_deal(self, body, entry):
        self.ceremony.deal(entry.author, body)

    def on_complain(self, body, entry):
        self.ceremony.complain(entry.author, body)

    def on_abandon(self, body, entry):
        self.ceremony.end_attempt()

    def on_certify(self, body, entry):
        self.ceremony.certify(entry.author, body)

    def on_open(self, body, entry):
        manifest = self.manifest
        t = Transcript("roll")
        for leaf in self.roll_leaves:
            t.append("entry", leaf)
        roll = t.digest("roll")
        for name, value in (("roll", roll), ("voters", self.listed), ("ceremony", self.ceremony.digest)):
            if body[name] != value:
                self.fail("open.binding", f"names another {name} than the recomputed one")
        for i, contest in enumerate(manifest.contests):
            asked = {s for s, contests in enumerate(manifest.styles) if i in contests}
            worst = contest.max_per_option * sum(w for s, w in self.styles_and_weights if s in asked)
            if worst > 2**44:
                self.fail("open.bounds", f"totals of contest {contest.id} may exceed 2^44")
        t = Transcript("election id").append("manifest", manifest.id).append("roll", roll)
        t.append("voters", u32(self.listed)).append("ceremony", self.ceremony.digest)
        self.election_id = t.append("keys", b"".join(self.ceremony.keys)).append("booth", body["booth"]).digest("election")

    def check_unique(self, credential, alpha):
        if alpha in self.cast:
            self.fail("ballots.unique", "its alpha is that of an earlier ballot")
        if (credential, alpha) in self.voided:
            self.fail("ballots.unique", "its alpha was voided before by the same voter")

    def on_ballot(self, body, entry):
        credential, style = entry.author, body["style"]
        if credential not in self.voters:
            self.fail("ballots.eligibility", "its credential is not on the roll")
        elif self.voters[credential][0] != style:
            self.fail("ballots.eligibility", "another style than on the roll")
        else:
            self.ballots[credential] = body
        if credential in self.voters:
            self.check_chain(credential, body, entry)
        self.check_unique(credential, body["alpha"])
        self.cast.add(body["alpha"])
        keys = [self.ceremony.keys[p] for p in self.manifest.positions_of(style)]
        self.attempt("ballots.proofs", check_ballot, self.election_id, style, self.manifest.shapes[style], keys,
                     credential, body["counter"], body["previous"], body["alpha"], body["beta"], body["proof"])

    def check_chain(self, credential, body, entry):
        count, last = self.codes.get(credential, (0, bytes(32)))
        if body["counter"] != count + 1:
            self.fail("ballots.chain", f"counter {body['counter']} after {count} ballots")
        if body["counter"] > MOST:
            self.fail("ballots.chain", f"counter {body['counter']} is more than {MOST}")
        if body["previous"] != last:
            self.fail("ballots.chain", "previous is not the code of the voter's ballot before")
        code = Transcript("confirmation code").append("entry", entry.unsigned).digest("code")
        self.codes[credential] = (count + 1, code)

    def on_void(self, body, entry):
        credential = entry.author
        if credential in self.voters:
            self.void_counts[credential] = self.void_counts.get(credential, 0) + 1
            if self.void_counts[credential] > MOST:
                self.fail("ballots.chain", f"its voter has more than {MOST} voids")
        else:
            self.fail("ballots.eligibility", "its credential is not on the roll")
        self.check_unique(credential, body["alpha"])
        self.voided.add((credential, body["alpha"]))

    def on_close(self, body, entry):
        self.closed_at = self.index
        self.tally = tally.Tally(self)

    def on_certify_close(self, body, entry):
        self.certified_close.add(entry.author)
        if (body["size"], body["root"]) != (self.tally.size, self.tally.root):
            self.fail("close.certified", "another size or root than the recomputed one")

    def on_shares(self, body, entry):
        self.shares[entry.author] = body["contests"]
        self.tally.check_shares(entry.author, body["contests"])

    def on_result(self, body, entry):
        self.result = body["contests"]
        self.tally.check_result(self.shares, self.result)

    def finish(self, count):
        """What can only be said at the end."""
        report, counts, manifest = self.report, self.counts, self.manifest
        for check in ("entries.encoding", "entries.scope", "entries.signatures", "entries.order"):
            report.ran(check, entries=count)
        report.ran("roll.parts", voters=self.listed)
        report.ran("roll.possession", parts=self.listed * len(manifest.issuers))
        self.ceremony.finish()
        if self.election_id is None:
            report.fail("open.binding", "the election was never opened")
            report.blocked("open.bounds", "the election was never opened")
        report.ran("open.binding", voters=self.listed)
        report.ran("open.bounds", contests=len(manifest.contests))
        report.ran("ballots.eligibility", entries=counts["ballot"] + counts["void"])
        for check in ("ballots.chain", "ballots.proofs"):
            report.ran(check, ballots=counts["ballot"])
        report.ran("ballots.unique", ballots=counts["ballot"], voids=counts["void"])
        if len(self.certified_close) < manifest.close_quorum:
            report.fail("close.certified", f"{len(self.certified_close)} trustees certified, {manifest.close_quorum} must")
        report.ran("close.certified", trustees=len(self.certified_close))
        if len(self.shares) < manifest.threshold:
            report.fail("shares.threshold", f"{len(self.shares)} trustees gave shares, {manifest.threshold} must")
        report.ran("shares.proofs", trustees=len(self.shares))
        report.ran("shares.threshold", trustees=len(self.shares))
        if self.result is None:
            report.fail("result.present", "there is no result")
            report.blocked("result.totals", "there is no result")
        elif self.entry is None or self.entry.name != "result":
            report.fail("result.present", "the last entry is not the result")
        report.ran("result.totals", contests=len(manifest.contests))
        report.ran("result.present")


def check_manifest(report, entries):
    """`manifest.valid`: the manifest, or None."""
    try:
        if not entries:
            raise Refused("there is no entry")
        entry = Entry(entries[0])
        entry.decode_envelope()
        if entry.name != "manifest":
            raise Refused("the first entry is not a manifest")
        manifest = Manifest(entry.unsigned[34:])
    except Refused as reason:
        report.fail("manifest.valid", str(reason))
        return None
    report.ran("manifest.valid", positions=manifest.positions, contests=len(manifest.contests), trustees=manifest.n)
    return manifest


def check_election(report, manifest, entries):
    election = Election(report, manifest, [leaf_hash(entry) for entry in entries])
    for index, entry in enumerate(entries):
        election.apply(index, entry)
    election.finish(len(entries))
    return election
