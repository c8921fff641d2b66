"""The fold over entries (board.md), and the checks that go with it.

An entry that cannot be decoded, or that comes out of its place, is the fault of one check and is
skipped: all others judge the record without it. An entry that fails any other check is reported
and still changes the state, so that one fault names one check where it can.
"""

import bls12_381
import ceremony
import ed25519
import joint
import record
import tally
from entries import NAMES, Entry
from manifest import Manifest
from proofs import Transcript, ballot_equations, check_signature, u16, u32
from ristretto import Refused, decode, encode, is_identity, total

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
        self.certified_close, self.witnessed_close = set(), set()
        self.previewed, self.shares = set(), {}
        self.result = self.seal = None
        self.beacon = joint.Beacon(self)

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
            if entry.name not in ("shares", "preview") or decrypted is not None:
                entry.decode_body(manifest, decrypted)
            entry.decode_signature()
        except Refused as reason:
            report.fail(reason.check, f"entry {index}: {reason}")
            return
        self.entry = entry
        expected = manifest.id if entry.kind <= 10 else self.election_id
        if expected and entry.scope != expected:  # without an election id the entry is out of its phase
            self.fail("entries.scope", "another scope")
        if entry.name != "witness-close":
            self.attempt("entries.signatures", check_signature, entry.key, b"psephos v1 entry\0" + entry.unsigned,
                         entry.signature)
        fault = self.out_of_place(entry)
        if fault:
            self.fail(*fault)
            return
        self.counts[entry.name] += 1
        getattr(self, "on_" + entry.name.replace("-", "_"))(entry.body, entry)

    def out_of_place(self, entry):
        """The check and the reason for which the entry is not admitted where it is ("admitted when"), or None."""
        name = entry.name
        if name == "manifest":
            return None if self.index == 0 else ("entries.once", "a second manifest")
        if self.result is not None and name not in ("beacon", "seal"):
            return "entries.phase", "after the result"
        if self.result is None and name == "seal":
            return "entries.phase", "before the result"
        if name == "open" and self.election_id is not None:
            return "entries.once", "opened twice"
        if entry.kind <= 10 and self.election_id is not None:
            return "entries.phase", "after the opening"
        if entry.kind >= 11 and self.election_id is None:
            return "entries.phase", "before the opening"
        if name in ("ballot", "void", "close"):
            return ("entries.phase", "after the close") if self.tally else None
        if entry.kind >= 14 and not self.tally:
            return "entries.phase", "before the close"
        if name == "register":
            return ("entries.once", "registered twice") if entry.author in self.registered else None
        if 4 <= entry.kind <= 9:
            if len(self.registered) < self.manifest.n:
                return "ceremony.registered", "before all have registered"
            return self.ceremony.out_of_place(entry)
        if name == "open":
            if not self.ceremony.complete:
                return "ceremony.everybody", "before all have certified"
            return None if self.listed else ("open.voters", "without voters")
        if name == "certify-close":
            return ("entries.once", "certified twice") if entry.author in self.certified_close else None
        if name == "witness-close":
            return ("entries.once", "certified twice") if entry.author in self.witnessed_close else None
        if name == "preview" and not self.tally.guarded:
            return "entries.phase", "a preview of nothing"
        if name in ("preview", "shares", "beacon"):
            if self.certifiers < self.manifest.close_quorum:
                return "close.quorum", "before enough trustees and witnesses certified the close"
            given = {"preview": self.previewed, "shares": self.shares, "beacon": self.beacon.entries}[name]
            return ("entries.once", "given twice") if entry.author in given else None
        if name == "seal":
            return ("entries.once", "sealed twice") if entry.author in self.seal.entries else None
        if name == "result" and self.tally.pattern is None:
            return "shares.threshold", "before enough shares that close the same cells"
        return None

    @property
    def certifiers(self):
        return len(self.certified_close) + len(self.witnessed_close)

    def on_manifest(self, body, entry):
        pass

    def on_roll(self, body, entry):
        manifest = self.manifest
        if body["first"] != self.listed:
            self.fail("roll.sequence", f"first is {body['first']} after {self.listed} voters")
        for i, voter in enumerate(body["voters"]):
            who = f"voter {self.listed + i}"
            points = [decode(part) for part, _ in voter["parts"]]
            point = total(points)
            credential = encode(point)
            if voter["style"] >= len(manifest.styles):
                self.fail("roll.styles", f"{who} has no existing style")
            if voter["weight"] < 1:
                self.fail("roll.weights", f"{who} has weight 0")
            if is_identity(point):
                self.fail("roll.credentials", f"{who} has the identity as credential")
            if credential in self.voters:
                self.fail("roll.credentials", f"{who} has the credential of an earlier one")
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
            self.fail("roll.sequence", "more than 2^31 voters")
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
                self.fail("open." + name, f"names another {name} than the recomputed one")
        for i, contest in enumerate(manifest.contests):
            asked = {s for s, contests in enumerate(manifest.styles) if i in contests}
            worst = contest.most * sum(w for s, w in self.styles_and_weights if s in asked)
            if worst > 2**48:
                self.fail("open.bounds", f"totals of contest {contest.id} may exceed 2^48")
        if manifest.minimum_cell and any(w != 1 for _, w in self.styles_and_weights):
            self.fail("open.bounds", "a voter has another weight than 1 where small cells are closed")
        t = Transcript("election id").append("manifest", manifest.id).append("roll", roll)
        t.append("voters", u32(self.listed)).append("ceremony", self.ceremony.digest)
        self.election_id = t.append("keys", b"".join(self.ceremony.keys)).append("booth", body["booth"]).digest("election")

    def on_ballot(self, body, entry):
        credential, style, alpha = entry.author, body["style"], body["alpha"]
        if alpha in self.cast:
            self.fail("ballots.unique", "its alpha is that of an earlier ballot")
        if (credential, alpha) in self.voided:
            self.fail("ballots.voided", "its alpha was voided before by the same voter")
        self.cast.add(alpha)
        if credential not in self.voters:
            self.fail("ballots.credential", "its credential is not on the roll")
        else:
            if self.voters[credential][0] != style:
                self.fail("ballots.style", "another style than on the roll")
            else:
                self.ballots[credential] = body
            self.check_chain(credential, body, entry)
        keys = [self.ceremony.keys[p] for p in self.manifest.positions_of(style)]
        _, faults = ballot_equations(self.election_id, style, self.manifest.shapes[style], keys, credential,
                                     body["counter"], body["previous"], alpha, body["beta"], body["ranges"], body["proof"])
        for check, reason in faults:
            self.fail(check, reason)

    def check_chain(self, credential, body, entry):
        count, last = self.codes.get(credential, (0, bytes(32)))
        if body["counter"] != count + 1:
            self.fail("ballots.counter", f"counter {body['counter']} after {count} ballots")
        if count >= MOST:
            self.fail("ballots.number", f"its voter has more than {MOST} ballots")
        if body["previous"] != last:
            self.fail("ballots.previous", "previous is not the code of the voter's ballot before")
        code = Transcript("confirmation code").append("entry", entry.unsigned).digest("code")
        self.codes[credential] = (count + 1, code)

    def on_void(self, body, entry):
        credential, alpha = entry.author, body["alpha"]
        if credential in self.voters:
            self.void_counts[credential] = self.void_counts.get(credential, 0) + 1
            if self.void_counts[credential] > MOST:
                self.fail("voids.number", f"its voter has more than {MOST} voids")
        else:
            self.fail("voids.credential", "its credential is not on the roll")
        if alpha in self.cast or (credential, alpha) in self.voided:
            self.fail("voids.unique", "its alpha was cast before, or voided by the same voter")
        self.voided.add((credential, alpha))

    def on_close(self, body, entry):
        self.closed_at = self.index
        self.tally = tally.Tally(self)

    def on_certify_close(self, body, entry):
        self.certified_close.add(entry.author)
        if (body["size"], body["root"]) != (self.tally.size, self.tally.root):
            self.fail("close.root", "another size or root than the recomputed one")

    def on_witness_close(self, body, entry):
        self.witnessed_close.add(entry.author)
        self.attempt("close.witnesses", self.check_witness_close, body, entry)

    def check_witness_close(self, body, entry):
        size, (_, key) = body["size"], self.manifest.witnesses[entry.author - 1]
        if not self.closed_at < size <= self.index:
            raise Refused(f"size {size} is not one of the board from its close to this entry")
        text = record.checkpoint_text(self.manifest.origin, size, record.root_hash(self.leaves[:size]))
        ed25519.verify(key, f"cosignature/v1\ntime {body['time']}\n".encode() + text, entry.signature)

    def on_beacon(self, body, entry):
        self.beacon.add(entry.author, body)

    def on_seal(self, body, entry):
        self.seal.add(entry.author, body)

    def on_preview(self, body, entry):
        self.previewed.add(entry.author)

    def on_shares(self, body, entry):
        self.shares[entry.author] = body["contests"]
        self.tally.add_shares(entry.author, body["contests"])

    def on_result(self, body, entry):
        self.result, self.seal = body["contests"], joint.Seal(self)
        self.tally.check_result(self.result)

    def finish(self, count):
        """What can only be said at the end. A check that is not said to have run has nothing to look at."""
        report, counts, manifest = self.report, self.counts, self.manifest
        for check in ("version", "kind", "length", "fields", "elements", "scalars", "scope", "signatures", "phase", "once"):
            report.ran("entries." + check, entries=count)
        if self.listed:
            report.ran("roll.sequence", entries=counts["roll"])
            for check in ("styles", "weights", "credentials"):
                report.ran("roll." + check, voters=self.listed)
            for check in ("parts", "possession"):
                report.ran("roll." + check, parts=self.listed * len(manifest.issuers))
        self.ceremony.finish()
        if self.election_id is not None:
            report.ran("open.roll", entries=counts["roll"])
            report.ran("open.voters", voters=self.listed)
            report.ran("open.ceremony")
            report.ran("open.bounds", contests=len(manifest.contests))
            for check in ("credential", "style", "counter", "previous", "number", "unique", "voided", "commitment",
                          "bits", "nonce", "values", "limits", "linked", "ranges"):
                report.ran("ballots." + check, ballots=counts["ballot"])
            for check in ("credential", "unique", "number"):
                report.ran("voids." + check, voids=counts["void"])
        if self.tally:
            if self.certifiers < manifest.close_quorum:
                reason = f"{self.certifiers} trustees and witnesses certified, {manifest.close_quorum} must"
                report.fail("close.quorum", reason)
            report.ran("close.root", trustees=len(self.certified_close))
            report.ran("close.witnesses", witnesses=len(self.witnessed_close))
            report.ran("close.quorum", trustees=len(self.certified_close), witnesses=len(self.witnessed_close))
            for check in ("contributions", "shares"):
                report.ran("beacon." + check, trustees=len(self.beacon.entries))
            report.ran("seal.shares", trustees=len(self.seal.entries) if self.seal else 0)
            if self.tally.pattern is None:
                reason = f"of {len(self.shares)} trustees that gave shares no {manifest.threshold} closed the same cells"
                report.fail("shares.threshold", reason)
            self.tally.check_cells()
            for check in ("shares.proofs", "shares.threshold", "shares.cells"):
                report.ran(check, trustees=len(self.shares))
        if self.result is not None:
            for check in ("ballots", "withheld", "totals"):
                report.ran("result." + check, contests=len(manifest.contests))
        else:
            report.fail("result.present", "there is no result")
        report.ran("result.present")
        if self.election_id is not None:
            report.joint = {"key": bls12_381.encode_g1(self.ceremony.joint_key).hex(), "beacon": self.beacon.describe(),
                            "seal": self.seal and self.seal.describe()}


def check_manifest(report, entries):
    """The manifest, or None."""
    try:
        if not entries:
            raise Refused("there is no entry", "manifest.encoding")
        entry = Entry(entries[0])
        try:
            entry.decode_envelope()
        except Refused as reason:
            raise Refused(str(reason), "manifest.encoding") from None
        if entry.name != "manifest":
            raise Refused("the first entry is not a manifest", "manifest.encoding")
        manifest = Manifest(entry.unsigned[34:])
    except Refused as reason:
        report.fail("manifest.encoding" if reason.check == "manifest.encoding" else "manifest.rules", str(reason))
        return None
    try:
        manifest.check_quorum()
    except Refused as reason:
        report.fail("manifest.quorum", str(reason))
    for check in ("manifest.encoding", "manifest.rules", "manifest.quorum"):
        report.ran(check, positions=manifest.positions, contests=len(manifest.contests), trustees=manifest.n)
    return manifest


def check_election(report, manifest, entries):
    election = Election(report, manifest, [record.leaf_hash(entry) for entry in entries])
    for index, entry in enumerate(entries):
        election.apply(index, entry)
    election.finish(len(entries))
    return election
