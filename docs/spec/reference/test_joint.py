"""Witnesses, joint key, beacon and seal: a small election is accepted, and each fault has its check."""

import json
import unittest
from unittest import mock

import bls12_381 as bls
import check
import fold
import joint
import proofs
import record
import small_election
from manifest import Manifest
from once import work_out_once
from report import CHECKS, FAILED, OK, Report
from ristretto import Refused
from small_election import ORIGIN, TRUSTEES, WITNESSES, SmallElection, manifest_text, sound


setUpModule = work_out_once


def rejecting(election, **how):
    report = check.check_record(election.files(**how))
    return {name for name in CHECKS if report.verdict(name) != OK}


class Sound(unittest.TestCase):
    def test_a_whole_election_is_accepted_sealed_and_has_lots(self):
        election = sound()
        report = check.check_record(election.files())
        self.assertEqual([row for row in report.rows() if row["verdict"] != OK], [])
        beacon, seal = report.joint["beacon"], report.joint["seal"]
        self.assertEqual((beacon["by"], beacon["contributions"], seal["by"]), ([1, 2, 3], [1, 2, 3], [1, 3]))
        # Whoever knew all secrets would sign the same.
        secret = sum(election.joint_coefficient(j, 0) for j in TRUSTEES)
        for signed in (beacon, seal):
            self.assertEqual(small_election.joint_sign(secret, bytes.fromhex(signed["message"])).hex(), signed["signature"])
            bls.check_joint_signature(bls.decode_g1(bytes.fromhex(report.joint["key"])), bytes.fromhex(signed["message"]),
                                      bytes.fromhex(signed["signature"]))
        self.assertEqual((seal["size"], seal["root"]), (election.result_size, election.result_root.hex()))
        self.assertEqual([sorted(lot["order"]) for lot in beacon["lots"]], [[0, 1, 2]])
        self.assertEqual(len(list(check.describe(report))), 4)

    def test_a_record_without_beacon_and_seal_is_accepted(self):
        election = SmallElection().through_close().through_result()
        report = check.check_record(election.files())
        self.assertTrue(report.accepted)
        self.assertEqual((report.joint["beacon"]["signature"], report.joint["beacon"]["lots"],
                          report.joint["seal"]["signature"]), (None, None, None))
        self.assertEqual(len(list(check.describe(report))), 3)

    def test_any_two_of_three_give_the_same_beacon_but_no_lots(self):
        seeds = set()
        for pair in ((1, 2), (3, 1), (2, 3)):
            election = SmallElection().through_close()
            for j in pair:
                election.beacon(j)
            beacon = check.check_record(election.files()).joint["beacon"]
            seeds.add(beacon["audit_seed"])
            self.assertIsNone(beacon["lots"])
        self.assertEqual(len(seeds), 1)

    def test_witnesses_take_the_place_of_trustees_in_the_quorum(self):
        election = SmallElection().through_close(trustees=(1, 3)).through_result()
        self.assertEqual(rejecting(election), set())
        election = SmallElection(witnesses=None, witness_quorum=None, close_quorum=3)
        self.assertEqual(rejecting(election.through_close(witnesses=()).through_result(), cosigners=()), set())

    def test_an_audit_sample_is_of_all_entries(self):
        sample = joint.audit_sample(bytes(32), 20)
        self.assertEqual(sorted(sample), list(range(20)))
        self.assertNotEqual(sample, joint.audit_sample(bytes([1]) * 32, 20))


class Notes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.election = SmallElection().through_close().through_result()

    def test_cosignatures_are_of_enough_witnesses_in_order(self):
        for cosigners in ((1, 2), (1, 3), (2, 3), (1, 2, 3)):
            self.assertEqual(rejecting(self.election, cosigners=cosigners), set())
        for cosigners in ((), (2,), (2, 1), (1, 1, 2), (1, 2, 2), (3, 1, 2)):
            self.assertEqual(rejecting(self.election, cosigners=cosigners), {"board.witnesses"}, cosigners)

    def note(self, change):
        """What rejects the record when the lines of its note are changed."""
        files = self.election.files()
        lines = files["checkpoint"].decode().split("\n")
        change(lines)
        report = check.check_record({**files, "checkpoint": "\n".join(lines).encode()})
        return {name for name in CHECKS if report.verdict(name) == FAILED}

    def test_every_cosignature_is_of_its_witness_key_and_text(self):
        def blob(at, byte):
            def change(lines):
                head, data = lines[6].rsplit(" ", 1)
                data = bytearray(record.decode_base64(data, ""))
                data[at] ^= byte
                lines[6] = head + " " + record.base64.b64encode(data).decode()
            return change

        def stranger(lines):
            lines[6] = lines[6].replace("witness2", "witness4")

        for change in (blob(0, 1), blob(11, 1), blob(12, 1), blob(75, 1), stranger):
            self.assertEqual(self.note(change), {"board.witnesses"})

    def test_cosignatures_have_their_form(self):
        def text(old, new):
            def change(lines):
                self.assertIn(old, lines[6])
                lines[6] = lines[6].replace(old, new)
            return change

        changes = [text("witness2", "wit+ness2"), text("witness2", "wit\u2003ness2"), text("witness2.example", ""),
                   text("witness2", "wit ness2"), text("=", ""), text("\u2014", "-"),
                   lambda lines: lines.insert(5, "extension"), lambda lines: lines.insert(5, ""),
                   lambda lines: lines.insert(5, lines[4]), lambda lines: lines.extend(lines[7:8] * 14 + [""])]
        for change in changes:
            self.assertEqual(self.note(change), {"board.note"})


class Manifests(unittest.TestCase):
    def fault(self, **changes):
        """The check that a manifest with these changes fails, if any."""
        try:
            Manifest(manifest_text(**changes)).check_quorum()
        except Refused as reason:
            return reason.check or ("manifest.quorum" if str(reason) == "close_quorum is too small" else "manifest.rules")

    def test_witnesses(self):
        first, second = json.loads(manifest_text())["witnesses"][:2]
        board = json.loads(manifest_text())["board"]
        for changes, expected in (
                ({"witnesses": None}, "manifest.encoding"), ({"witness_quorum": None}, "manifest.encoding"),
                ({"witnesses": []}, "manifest.rules"), ({"witness_quorum": 0}, "manifest.rules"),
                ({"witness_quorum": 4}, "manifest.rules"), ({"witness_quorum": 1}, "manifest.rules"),
                ({"psephos": 1}, "manifest.rules"),
                ({"close_quorum": 0}, "manifest.rules"), ({"close_quorum": 7}, "manifest.rules"),
                ({"close_quorum": 4}, "manifest.quorum"), ({"close_quorum": 5}, None), ({"close_quorum": 6}, None),
                ({"close_quorum": 4, "witness_quorum": 3}, None),
                ({"threshold": 3}, None), ({"close_quorum": 3, "witness_quorum": 3}, "manifest.rules"),
                ({"threshold": 1, "close_quorum": 4, "witness_quorum": 3}, None),
                ({"threshold": 3, "close_quorum": 4}, "manifest.quorum")):
            self.assertEqual(self.fault(**changes), expected, changes)
        for member, value in (("name", "x" * 101), ("name", ""), ("name", "a b"), ("name", "a\u00a0b"), ("name", "a+b"),
                              ("name", ORIGIN), ("name", second["name"]), ("name", "a\u2028"), ("name", 1),
                              ("key", second["key"]), ("key", board["key"]), ("key", first["key"].upper()),
                              ("key", first["key"][:-2])):
            changed = {**first, member: value}
            self.assertEqual(self.fault(witnesses=[changed, second], witness_quorum=2, close_quorum=5), "manifest.rules")
        many = [{"name": f"w{i}", "key": f"{i:064x}"} for i in range(17)]
        self.assertIsNone(self.fault(witnesses=many[:16], witness_quorum=16, close_quorum=19))
        self.assertEqual(self.fault(witnesses=many, witness_quorum=17, close_quorum=20), "manifest.rules")
        self.assertEqual(self.fault(witnesses=[{**first, "url": "x"}], witness_quorum=1), "manifest.encoding")


class Faults(unittest.TestCase):
    """Whole elections that are sound but for one thing, and the only checks that reject them."""

    def fault(self, election, *expected):
        self.assertEqual(rejecting(election), set(expected))

    def test_ceremony(self):
        class Possession(SmallElection):
            def possession(self, j, joint_coefficients):
                return super().possession(1, joint_coefficients)

        class Rehearsal(SmallElection):
            def joint_rehearsal(self, j):
                return super().joint_rehearsal(2)

        self.fault(sound(Possession()), "ceremony.possession")
        self.fault(sound(Rehearsal()), "ceremony.rehearsal")

    def test_the_joint_key_and_its_verification_keys_are_not_the_identity(self):
        class JointKey(SmallElection):
            def joint_coefficient(self, j, k):
                others = sum(super(JointKey, self).joint_coefficient(i, 0) for i in (1, 2))
                return -others % bls.R if (j, k) == (3, 0) else super().joint_coefficient(j, k)

        class VerificationKey(SmallElection):
            def joint_coefficient(self, j, k):
                if (j, k) != (3, 0):
                    return super().joint_coefficient(j, k)
                rest = [super(VerificationKey, self).joint_coefficient(d, e) * 2**e for d in TRUSTEES for e in (0, 1)
                        if (d, e) != (3, 0)]
                return -sum(rest) % bls.R

        self.fault(sound(JointKey()), "ceremony.keys")
        with mock.patch.object(small_election, "joint_sign", self.sign_with_zero_too):
            # A share that is zero signs nothing that decodes; another signature stands for it.
            self.fault(sound(VerificationKey()), "ceremony.keys", "ceremony.rehearsal", "beacon.shares")

    def sign_with_zero_too(self, x, message, tag=bls.SIGNATURE_TAG):
        return bls.encode_g2(bls.multiply(x % bls.R or 1, bls.hash_to_g2(message, tag)))

    def closed(self, **how):
        return SmallElection().through_close(**how)

    def test_certificates_of_witnesses(self):
        def with_last(size=None, change=bytes, **how):
            election = self.closed(witnesses=(1, 2), **how)
            election.witness_close(3, election.closed_at + size if size is not None else None)
            election.entries[-1] = change(election.entries[-1])
            return election.through_result()

        self.fault(with_last(0))
        self.fault(with_last(3))
        self.fault(with_last(5))  # the largest board that it can name: all before this entry
        self.fault(with_last(-1), "close.witnesses")
        self.fault(with_last(6), "close.witnesses")
        for at in (-65, -64, -1):  # its time, R, S
            for byte in (1, 255):
                self.fault(with_last(change=lambda e: e[:at] + bytes([e[at] ^ byte]) + e[at:][1:]), "close.witnesses")
        # It certifies all the same.
        self.fault(with_last(-1, trustees=(1, 2)), "close.witnesses")
        self.fault(with_last(change=lambda e: e[:2] + bytes(32) + e[34:]), "entries.scope")
        for number in (0, 4):
            self.fault(with_last(change=lambda e: e[:34] + proofs.u16(number) + e[36:]), "entries.fields")
        self.fault(with_last(change=lambda e: e + b"\0"), "entries.length")

    def test_places_of_new_kinds(self):
        election = self.closed()
        election.witness_close(2)
        self.fault(election.through_result(), "entries.once")
        election = SmallElection().through_opening()
        election.witness_close(1)
        election.beacon(1)
        with mock.patch.object(election, "through_opening", lambda: election):
            self.fault(election.through_close().through_result(), "entries.phase")
        election = self.closed(witnesses=(1, 2)).through_result()
        election.witness_close(3)
        self.fault(election, "entries.phase")
        for again in (SmallElection.beacon, SmallElection.seal):
            election = sound()
            again(election, 1)
            self.fault(election, "entries.once")
        election = self.closed(trustees=(1,))
        election.beacon(1)
        election.by_trustee(14, 2, proofs.u64(election.closed_at) + record.root_hash(election.leaves[:election.closed_at]))
        self.fault(election.through_result(), "close.quorum")
        election = self.closed()
        election.result_size, election.result_root = 1, bytes(32)
        election.seal(1)
        self.fault(election.through_result(), "entries.phase")
        election = sound()
        election.append(16, "organiser", b"", proofs.u32(0) + proofs.u64(0) + b"\0")
        self.fault(election, "entries.phase")
        self.fault(self.closed(), "shares.threshold", "result.present", "result.ballots", "result.withheld", "result.totals")
        self.fault(self.closed(trustees=(1,)).through_result(), "close.quorum", "shares.threshold", "result.present",
                   "result.ballots", "result.withheld", "result.totals")

    def test_beacons_and_seals(self):
        class Contribution(SmallElection):
            def commitment(self, j):
                return super().commitment(1)

        class Share(SmallElection):
            faulty = None

            def by_trustee(self, kind, j, body):
                if kind == self.faulty and j == 3:
                    body = body[:-96] + small_election.joint_sign(1, b"another message")
                super().by_trustee(kind, j, body)

        election = sound(Contribution())
        self.fault(election, "beacon.contributions")
        report = check.check_record(election.files())
        self.assertIsNone(report.joint["beacon"]["lots"])
        self.assertEqual(list(check.describe(report)), [])
        for kind, expected in ((18, "beacon.shares"), (19, "seal.shares")):
            election = Share()
            election.faulty = kind
            self.fault(sound(election), expected)
            report = check.check_record(election.files())
            self.assertEqual(report.joint["beacon"]["by"], [1, 2] if kind == 18 else [1, 2, 3])
            self.assertEqual(report.joint["seal"]["signature"] is None, kind == 19)

    def test_joint_elements_are_in_their_groups(self):
        bad_g2, bad_g1 = bytes.fromhex("c0") + bytes(95), bytes.fromhex("81" + ("0123456789abcdef" * 6)[2:])
        election = sound()
        for index, at, bad in ((-1, -160, bad_g2), (-3, -160, bad_g2), (8, -160, bad_g2), (8, -208, bad_g1)):
            entries = list(election.entries)
            entry = entries[index]
            entries[index] = entry[:at] + bad + entry[at:][len(bad):]
            report = Report()
            fold.check_election(report, election.manifest, entries)
            self.assertEqual(report.verdict("entries.elements"), FAILED)


if __name__ == "__main__":
    unittest.main()
