"""The example record is accepted; every change of it is rejected, by name."""

import contextlib
import hashlib
import io
import json
import random
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import bls12_381
import ceremony
import check
import fold
import manifest
import proofs
import record
import strict
from entries import NAMES
from manifest import Manifest
from once import work_out_once
from report import CHECKS, FAILED, Report
from ristretto import G, L, Refused, decode, encode, multiply, negate, total
from test_vectors import trustee_secret

RECORD = Path(__file__).resolve().parent.parent / "vectors" / "record"
FILES, _ = record.read_folder(RECORD)
SIZE = record.Checkpoint(FILES["checkpoint"]).size
BUNDLE, TILE = f"tile/entries/000.p/{SIZE}", f"tile/0/000.p/{SIZE}"
ENTRIES = record.read_entries(Report(), FILES, SIZE)
KINDS = [NAMES[entry[1]] for entry in ENTRIES]
ROLL, COMMIT, REVEAL, DEAL, CERTIFY, OPEN, BALLOT, VOID, CLOSE, CERTIFY_CLOSE, SHARES, RESULT = map(KINDS.index, (
    "roll", "commit", "reveal", "deal", "certify", "open", "ballot", "void", "close", "certify-close", "shares", "result"))
THRESHOLD, QUORUM = (json.loads(ENTRIES[0][34:-64])[name] for name in ("threshold", "close_quorum"))
# What follows the proof of a reveal, and of a certificate of the ceremony, before the signature.
AFTER_REVEAL, AFTER_CERTIFY = 48 * THRESHOLD + 96, 32 + 96


setUpModule = work_out_once


def archive(files):
    out = b""
    for name, content in sorted(files.items()):
        out += record.archive_header(name.encode(), len(content)) + content + bytes(-len(content) % 512)
    return out + bytes(1024)


def failures(report):
    return {row["id"] for row in report.rows() if row["verdict"] == FAILED}


def fold_with(entries, sign=False, adapt=None):
    """The report of the fold alone. Unless `sign`, signatures of entries are taken as good, to let later checks speak."""
    real = fold.check_signature

    def check_signature(key, message, signature):
        if sign or not message.startswith(b"psephos v1 entry\0"):
            real(key, message, signature)

    report, manifest = Report(), Manifest(ENTRIES[0][34:-64])
    if adapt:
        adapt(manifest)
    with mock.patch.object(fold, "check_signature", check_signature):
        fold.check_election(report, manifest, entries)
    return report


def replaced(index, at, data):
    """The entries, with bytes of one replaced (`at` counts from its end when negative)."""
    entry = bytearray(ENTRIES[index])
    at %= len(entry)
    assert at + len(data) <= len(entry)
    entry[at:at + len(data)] = data
    return ENTRIES[:index] + [bytes(entry)] + ENTRIES[index + 1:]


def next_scalar(data):
    return ((int.from_bytes(data, "little") + 1) % L).to_bytes(32, "little")


def other_scalar(index, at):
    end = at + 32 or None
    return replaced(index, at, next_scalar(ENTRIES[index][at:end]))


class Accepted(unittest.TestCase):
    def test_folder_and_archive(self):
        self.assertTrue(check.check_path(RECORD).accepted)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "record.tar"
            path.write_bytes(archive(FILES))
            self.assertTrue(check.check_path(path).accepted)

    def test_the_fold_alone(self):
        report = fold_with(ENTRIES, sign=True)
        self.assertEqual(failures(report), set())

    def test_programs_output(self):
        def run(*arguments):
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                return check.main(list(arguments)), out.getvalue()

        code, text = run(str(RECORD), "--json")
        self.assertEqual(code, 0)
        self.assertEqual([row["id"] for row in json.loads(text)["checks"]], CHECKS)
        self.assertEqual(run(str(RECORD / "nothing"))[0], 2)
        self.assertEqual(run()[0], 2)
        code, text = run(str(RECORD / "checkpoint"))
        self.assertEqual(code, 1)
        for name in CHECKS:
            self.assertIn(name, text)


class Flips(unittest.TestCase):
    """One bit changed, at positions drawn from a fixed seed."""

    def test_every_flip_is_rejected(self):
        draw = random.Random(1)
        for path, count in (("checkpoint", 50), (TILE, 30), (BUNDLE, 60)):
            for at in draw.sample(range(len(FILES[path])), count):
                changed = bytearray(FILES[path])
                changed[at] ^= 1 << draw.randrange(8)
                report = check.check_record({**FILES, path: bytes(changed)})
                with self.subTest(path=path, at=at):
                    self.assertFalse(report.accepted)
                    self.assertTrue(failures(report))

    def test_every_flip_in_an_entry_is_rejected_by_the_fold_alone(self):
        draw = random.Random(2)
        for index in range(1, len(ENTRIES)):
            at, bit = draw.randrange(len(ENTRIES[index])), 1 << draw.randrange(8)
            report = fold_with(replaced(index, at, bytes([ENTRIES[index][at] ^ bit])), sign=True)
            with self.subTest(entry=index, at=at):
                self.assertTrue(failures(report))

    def test_every_flip_in_an_archives_header_is_rejected(self):
        whole, draw = archive(FILES), random.Random(3)
        for at in draw.sample(range(512), 60) + [len(whole) - 1, len(whole) - 1024]:
            changed = bytearray(whole)
            changed[at] ^= 1 << draw.randrange(8)
            files, odd = record.read_archive(bytes(changed))
            self.assertIn("record.archive", failures(check.check_record(files, odd)), at)
        for changed in (whole[:-1], whole[:-512], whole + bytes(512), b"", whole[:700]):
            files, odd = record.read_archive(changed)
            self.assertTrue(odd)
            self.assertFalse(check.check_record(files, odd).accepted)
            self.assertTrue({"record.archive", "board.note"} & failures(check.check_record(files, odd)))


class RecordFaults(unittest.TestCase):
    def rejected(self, check_id, files):
        self.assertIn(check_id, failures(check.check_record(files)))

    def rejects(self, check_ids, files):
        self.assertTrue(check_ids & failures(check.check_record(files)))

    def test_record_files(self):
        self.rejected("record.files", {**FILES, "tile/1/000": b""})
        self.rejected("record.files", {name: data for name, data in FILES.items() if name != TILE})
        with tempfile.TemporaryDirectory() as folder:
            for name, data in FILES.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            self.assertTrue(check.check_path(folder).accepted)
            (Path(folder) / "link").symlink_to(Path(folder) / "checkpoint")
            self.assertIn("record.archive", failures(check.check_path(folder)))

    def test_board_note_origin_signature(self):
        lines = FILES["checkpoint"].split(b"\n")
        for changed in (lines[:5] + [b"\xe2\x80\x94 witness.example AAAAAAAA", b""],
                        lines[:4] + [b"\xe2\x80\x94 witness.example AAAAAAAA"] + lines[4:],
                        lines[:3] + [b"extension"] + lines[3:], lines[:5] + lines[4:], [lines[0] + b"/"] + lines[1:],
                        lines[:1] + [b"0" + lines[1]] + lines[2:], lines + [b""], lines[:-1]):
            self.rejects({"board.note", "board.origin", "board.signature"}, {**FILES, "checkpoint": b"\n".join(changed)})

    def test_board_entries(self):
        self.rejected("board.entries", {**FILES, BUNDLE: FILES[BUNDLE] + b"\0\0"})
        self.rejected("board.entries", {**FILES, BUNDLE: FILES[BUNDLE][:-1]})

    def test_board_root_and_tiles(self):
        swapped = ENTRIES[:2] + [ENTRIES[3], ENTRIES[2]] + ENTRIES[4:]
        bundle = b"".join(proofs.u16(len(e)) + e for e in swapped)
        report = check.check_record({**FILES, BUNDLE: bundle})
        self.assertLessEqual({"board.root", "board.tiles"}, failures(report))


EQUATIONS = {"ballots.commitment", "ballots.bits", "ballots.nonce", "ballots.values", "ballots.limits", "ballots.linked",
             "ballots.ranges"}


class FoldFaults(unittest.TestCase):
    """A fault for every check of the fold, by the name of the check."""

    def names(self, check_id, entries, only=False, **more):
        if only:  # without witnesses and seals, who sign what the entries were
            entries = [entry for entry in entries if NAMES.get(entry[1]) not in ("witness-close", "seal")]
        report = fold_with(entries, **more)
        self.assertIn(check_id, failures(report))
        if only:
            self.assertEqual(failures(report), {check_id})

    def test_entries_that_do_not_decode(self):
        self.names("entries.length", ENTRIES[:CLOSE] + [ENTRIES[CLOSE] + b"\0"] + ENTRIES[CLOSE + 1:])
        self.names("entries.version", replaced(VOID, 0, b"\1"))
        self.names("entries.kind", replaced(VOID, 1, b"\0"))
        self.names("entries.elements", replaced(VOID, -96, bytes(32)))
        self.names("entries.scalars", replaced(BALLOT, -96, L.to_bytes(32, "little")))
        self.names("entries.fields", replaced(COMMIT, 34, b"\0\4"))

    def test_entries_scope(self):
        self.names("entries.scope", replaced(CLOSE, 2, bytes(32)))

    def test_entries_signatures(self):
        self.names("entries.signatures", other_scalar(RESULT, -32), only=True, sign=True)

    def test_entries_phase_and_once(self):
        def displaced(entries):
            self.assertTrue({"entries.phase", "entries.once"} & failures(fold_with(entries)))

        for at in (2, COMMIT, REVEAL, DEAL, CERTIFY, OPEN, CLOSE, CERTIFY_CLOSE, SHARES, RESULT):
            displaced(ENTRIES[:at + 1] + [ENTRIES[at]] + ENTRIES[at + 1:])
            displaced(ENTRIES + [ENTRIES[at]])
        self.names("entries.phase", ENTRIES[:CLOSE + 1] + [ENTRIES[BALLOT]] + ENTRIES[CLOSE + 1:])
        self.names("entries.once", ENTRIES[:1] + ENTRIES)

    def test_manifest(self):
        for old, new in ((b'"threshold": 2', b'"threshold": 4'), (b'"threshold": 2', b'"threshold": 2.0'),
                         (b'"close_quorum": %d' % QUORUM, b'"close_quorum": %d' % (QUORUM - 1)), (b'"psephos": 3', b'"psephos": true'),
                         (b'"uuid"', b'"extra": 1, "uuid"'), (b'"uuid"', b'"threshold": 2, "uuid"'),
                         (b'"blank": false', b'"blank": 0'), (b"2026-03-08", b"2026-02-30"),
                         (b'"Ada"', b'"Bela"'), (b'"language": "en"', b'"language": "de"'),
                         (b'"max": 5', b'"max": 7'), (b'"Chen"', b'"\\ud800"'), (b"{", b"\xef\xbb\xbf{"),
                         (b'"key": "1878f0', b'"key": "ffffff'), (b'"title"', b'"title": null, "titel"')):
            data = ENTRIES[0][34:-64]
            self.assertIn(old, data)
            with self.assertRaises(Refused, msg=new):
                Manifest(data.replace(old, new, 1)).check_quorum()
        for old, new in ((b'"Ada"', b'"\xe2\x80\xaeAda"'), (b'"Ada"', b'"Ada\\u2066"'),
                         (b"2026-03-08", b"1969-12-31"), (b":00Z", b":60Z"), (b'"language": "en"', b'"language": "en-"'),
                         (b'"Chen"', b'"Chen", "de-123456789": "Chen"'), (b'"Chen"', b'"C\xe2\x80\xaahen"')):
            self.assertIn(old, data)
            with self.assertRaises(Refused, msg=new):
                Manifest(data.replace(old, new, 1)).check_quorum()
        Manifest(data.replace(b'"Chen"', b'"Chen\xe2\x80\xaf", "zh-Hant-TW": "Chen"', 1))
        report = Report()
        self.assertIsNone(fold.check_manifest(report, ENTRIES[1:]))
        self.assertEqual(failures(report), {"manifest.encoding"})

    def test_forms_of_a_manifest(self):
        longest = "abcdefgh" + "-12345678" * 3
        for tag in ("en", "zh-Hant-TW", "sl-rozaj-biske-1994", longest):
            self.assertTrue(strict.LANGUAGE.fullmatch(tag), tag)
        for tag in ("e", "EN", "en-", "en--US", "en-123456789", longest + "-1", "en-\u00fc", "en\n", "en_US"):
            self.assertFalse(strict.LANGUAGE.fullmatch(tag), tag)
        uuid = "/" + "0" * 32
        for host in ("vote.example/e", "a", "a//b"):
            self.assertTrue(manifest.ORIGIN.fullmatch(host + uuid), host)
        for host in ("", "/a", "/", "a+b", "a b", "a\u00a0", "w\u00e4", "https://a", "a\n", "a\x7f"):
            self.assertFalse(manifest.ORIGIN.fullmatch(host + uuid), host)
        for moment in ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T00:00:00Z"):
            strict.time(moment, "it")
        for moment in ("1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T00:00:60Z",
                       "2026-01-01T24:00:00Z", "10000-01-01T00:00:00Z", "2026-01-01T00:00:00z"):
            with self.assertRaises(Refused, msg=moment):
                strict.time(moment, "it")

    def test_a_style_fills_an_entry(self):
        """101 options of 19 digits and the slack of `most`: 2,020 positions and coordinates, 12 more, or 13."""
        def sized(most):
            value = json.loads(ENTRIES[0][34:-64])
            option = {"label": {"en": "x"}}
            points = {"id": "p", "kind": "points", "title": {"en": "x"}, "min": 0, "max": most, "max_per_option": 300_000,
                      "blank": False, "options": [{"id": f"o{i}", **option} for i in range(101)]}
            nine = {"id": "c", "kind": "choices", "title": {"en": "x"}, "min": 1, "max": 2, "blank": True,
                    "options": [{"id": i, **option} for i in "abc"]}
            value.update(contests=[nine, points], styles=[{"id": "s", "contests": ["c", "p"]}])
            return json.dumps(value).encode()

        shape = Manifest(sized(4)).shapes[0]
        self.assertEqual(shape.positions + len(shape.coordinates), 2_032)
        with self.assertRaisesRegex(Refused, "a style is too large"):
            Manifest(sized(8))

    def test_arrays_in_place_of_objects(self):
        def variants(value):
            """The value with one object in it, or itself, as an array."""
            if type(value) is dict:
                yield list(value.values())
                yield [value]
            inner = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
            for key, part in inner:
                for changed in variants(part):
                    copy = value.copy()
                    copy[key] = changed
                    yield copy

        tried = 0
        for changed in variants(json.loads(ENTRIES[0][34:-64])):
            with self.assertRaises(Refused):
                Manifest(json.dumps(changed).encode())
            tried += 1
        self.assertGreater(tried, 40)

    def test_style_ids(self):
        for name in ("", "a b", "x" * 65, "\u00e9"):
            value = json.loads(ENTRIES[0][34:-64])
            value["styles"][0]["id"] = name
            with self.assertRaises(Refused):
                Manifest(json.dumps(value).encode())

    def test_roll(self):
        self.names("roll.sequence", replaced(ROLL, 34, proofs.u32(1)))
        self.names("roll.styles", replaced(ROLL, 40, proofs.u16(2)))
        self.names("roll.weights", replaced(ROLL, 42, proofs.u32(0)))
        self.names("roll.credentials", replaced(ROLL, 46 + 198, ENTRIES[ROLL][46:46 + 192]))
        for at in (46, 46 + 96):  # one issuer's part again, with another of the other issuer
            self.names("roll.parts", replaced(ROLL, at + 198, ENTRIES[ROLL][at:at + 96]))

    def test_roll_possession(self):
        self.names("roll.possession", replaced(ROLL, 46 + 64, next_scalar(ENTRIES[ROLL][46 + 64:46 + 96])))

    def test_ceremony_commitments(self):
        self.names("ceremony.commitments", replaced(COMMIT, 38, bytes(32)))

    def test_ceremony_proofs(self):
        self.names("ceremony.proofs", other_scalar(REVEAL, -96 - AFTER_REVEAL))

    def test_ceremony_freshness(self):
        self.names("ceremony.freshness", replaced(REVEAL + 1, -160 - AFTER_REVEAL, self.encryption_key()))

    def encryption_key(self):
        return ENTRIES[REVEAL][:-AFTER_REVEAL][-160:-128]

    def test_freshness_of_all_attempts(self):
        election = fold.Election(Report(), Manifest(ENTRIES[0][34:-64]), [record.leaf_hash(e) for e in ENTRIES])
        for i in range(DEAL):
            election.apply(i, ENTRIES[i])
        self.assertEqual(len(election.ceremony.seen), 6)
        election.ceremony.end_attempt()
        body = {"coefficients": [], "encryption key": self.encryption_key(), "ephemeral": encode(G), "proof": b"",
                "joint coefficients": [bls12_381.encode_g1(bls12_381.G)], "possession": b""}
        election.ceremony.messages["commit"][1] = {"commitment": bytes(32)}
        with mock.patch.object(ceremony, "check_reveal"), mock.patch.object(bls12_381, "check_joint_signature"):
            election.ceremony.reveal(1, body)
        self.assertEqual(election.report.verdict("ceremony.freshness"), FAILED)

    def test_attempts_end(self):
        def attempts(count):
            start = ENTRIES[COMMIT][2:34] + proofs.u16(1)
            out = []
            for attempt in range(1, count + 1):
                out.append(b"\3\4" + start + proofs.u16(attempt) + bytes(32) + ENTRIES[0][-64:])
                out.append(b"\3\x08" + start + proofs.u16(attempt) + ENTRIES[0][-64:])
            return fold_with(ENTRIES[:COMMIT] + out)

        self.assertNotIn("ceremony.attempts", failures(attempts(1000)))
        report = attempts(1001)
        reasons = next(row["reasons"] for row in report.rows() if row["id"] == "ceremony.attempts")
        self.assertEqual(len(reasons), 2)
        self.assertIn("after attempt 1000", reasons[0])

    def test_ceremony_keys(self):
        others = [decode(ENTRIES[REVEAL + i][38:70]) for i in (0, 1)]
        self.names("ceremony.keys", replaced(REVEAL + 2, 38, encode(negate(total(others)))))

    def test_ceremony_complaints(self):
        """Trustee 1 complains about trustee 2; the proof is made with its share-encryption secret."""
        election = fold.Election(Report(), Manifest(ENTRIES[0][34:-64]), [record.leaf_hash(e) for e in ENTRIES])
        for i in range(CERTIFY):
            election.apply(i, ENTRIES[i])
        reveals, session = election.ceremony.messages["reveal"], election.ceremony.session
        secret = trustee_secret(bytes([1] * 32), b"share encryption", salt=session)
        a, y = reveals[2]["ephemeral"], reveals[1]["encryption key"]
        d = encode(multiply(secret, decode(a)))
        t = proofs.Transcript("complaint").append("session", session).append("trustee", proofs.u16(1))
        context, w = t.append("dealer", proofs.u16(2)).digest("context"), 12345
        t = proofs.Transcript("dleq").append("context", context).append("A", a).append("Y", y).append("D", d)
        rho = int.from_bytes(hashlib.sha512(b"psephos v1 weight" + t.digest("weights") + bytes(4)).digest()[:16],
                             "little")
        rows = [encode(multiply(w, G)), encode(multiply(w, decode(a)))]
        c = t.append("R_G", rows[0]).append("R_A", rows[1]).challenge("c")
        proof = b"".join(rows) + ((w + c * rho * secret) % L).to_bytes(32, "little")

        def complaint(dealer, proof):
            start = b"\3\7" + ENTRIES[CERTIFY][2:34] + proofs.u16(1) + proofs.u16(1)
            entry = start + proofs.u16(dealer) + d + proof + ENTRIES[0][-64:]
            return ENTRIES[:CERTIFY] + [entry]

        self.assertNotIn("ceremony.complaints", failures(fold_with(complaint(2, proof))))
        self.assertNotIn("ceremony.rounds", failures(fold_with(complaint(2, proof))))
        for dealer, changed in ((2, proof[:64] + next_scalar(proof[64:])), (1, proof), (3, proof), (0, proof), (4, proof)):
            self.names("ceremony.complaints", complaint(dealer, changed))

    def test_ceremony_certified(self):
        self.names("ceremony.digest", replaced(CERTIFY, 38, bytes(32)))
        self.names("ceremony.rehearsal", other_scalar(CERTIFY, -96 - AFTER_CERTIFY))

    def test_open_binding(self):
        for check_id, at, data in (("open.roll", 34, bytes(32)), ("open.voters", 66, proofs.u32(3)),
                                   ("open.ceremony", 70, bytes(32))):
            self.names(check_id, replaced(OPEN, at, data))

    def test_open_bounds(self):
        def adapt(manifest):
            manifest.contests[1].max_per_option = 2**51

        self.names("open.bounds", ENTRIES, adapt=adapt)

    def test_ballots_eligibility(self):
        self.names("ballots.credential", replaced(BALLOT, 34, encode(G)))
        self.names("ballots.style", replaced(BALLOT + 1, 34, ENTRIES[BALLOT][34:66]))
        self.names("voids.credential", replaced(VOID, 34, encode(G)))

    def test_ballots_chain(self):
        self.names("ballots.counter", replaced(BALLOT + 3, 68, proofs.u32(3)))
        self.names("ballots.previous", replaced(BALLOT + 3, 72, bytes(32)))

    def polling(self, *entries):
        """What fails of the ballots, proofs aside, when these entries follow the opening."""
        with mock.patch.object(fold, "ballot_equations", lambda *_: (None, [])):
            report = fold_with(ENTRIES[:OPEN + 1] + list(entries))
        return {name for name in failures(report) if name.startswith(("ballots.", "voids."))}

    def void(self, credential, alpha):
        return ENTRIES[VOID][:34] + credential + bytes(32) + alpha + ENTRIES[VOID][-64:]

    def test_ballots_unique(self):
        self.names("voids.unique", replaced(VOID, -96, ENTRIES[BALLOT][104:136]))
        ballot = ENTRIES[BALLOT]
        own, alpha = ballot[34:66], ballot[104:136]
        other = ENTRIES[BALLOT + 1][34:66]
        self.assertNotEqual(own, other)
        self.assertEqual(self.polling(ballot), set())
        self.assertIn("ballots.unique", self.polling(ballot, ballot))
        self.assertEqual(self.polling(self.void(own, alpha), ballot), {"ballots.voided"})
        self.assertEqual(self.polling(self.void(other, alpha), ballot), set())
        self.assertEqual(self.polling(self.void(other, alpha), self.void(own, alpha)), set())
        self.assertEqual(self.polling(self.void(own, alpha), self.void(own, alpha)), {"voids.unique"})
        for credential in (own, other):
            self.assertEqual(self.polling(ballot, self.void(credential, alpha)), {"voids.unique"})

    def test_ballots_and_voids_of_one_voter_are_few(self):
        def alphas():
            point = G
            while True:
                point = total([point, G])
                yield encode(point)

        def ballots(count):
            previous = bytes(32)
            for counter, alpha in zip(range(1, count + 1), alphas()):
                first = ENTRIES[BALLOT]
                entry = first[:68] + proofs.u32(counter) + previous + alpha + first[136:]
                previous = proofs.Transcript("confirmation code").append("entry", entry[:-64]).digest("code")
                yield entry

        def voids(count):
            return [self.void(ENTRIES[BALLOT][34:66], alpha) for _, alpha in zip(range(count), alphas())]

        for entries, check_id in ((ballots, "ballots.number"), (voids, "voids.number")):
            self.assertEqual(self.polling(*entries(100)), set())
            self.assertEqual(self.polling(*entries(101)), {check_id})

    def test_what_does_not_decode_is_skipped(self):
        ballot = ENTRIES[BALLOT]
        alpha = ballot[104:136]
        void = self.void(ballot[34:66], alpha)
        self.assertEqual(self.polling(void[:-64] + b"\0" + void[-64:], ballot), set())
        self.names("entries.elements", ENTRIES[:SHARES] + [ENTRIES[SHARES][:36] + bytes(32) + ENTRIES[SHARES][68:]]
                   + ENTRIES[SHARES:], only=True)

    def test_ballots_proofs(self):
        def rejects(entries):
            self.assertTrue(EQUATIONS & failures(fold_with(entries)))

        size = len(ENTRIES[BALLOT])
        for at in range(104, size - 64, 32):  # alpha, every beta, every part of the proof
            part = ENTRIES[BALLOT][at:at + 32]
            if at < 104 + 32 * (1 + 6 + 6):
                rejects(replaced(BALLOT, at, encode(total([decode(part), G]))))
            else:
                rejects(replaced(BALLOT, at, next_scalar(part)))
        for at, check_id in ((-160, "ballots.commitment"), (-128, "ballots.bits")):
            self.names(check_id, other_scalar(BALLOT, at))

    def test_close_certified(self):
        self.names("close.root", replaced(CERTIFY_CLOSE, 36, proofs.u64(CLOSE)), only=True)
        self.names("close.root", replaced(CERTIFY_CLOSE, 44, bytes(32)), only=True)

    def test_shares_proofs(self):
        self.names("shares.proofs", other_scalar(SHARES, -96))
        self.names("shares.proofs", replaced(SHARES, 36, ENTRIES[SHARES + 1][36:68]))

    def test_shares_threshold(self):
        self.names("shares.threshold", ENTRIES[:SHARES] + ENTRIES[SHARES + 1:])

    def test_result_totals(self):
        self.names("result.totals", replaced(RESULT, -72, proofs.u64(6 + 1)), only=True)
        self.names("result.ballots", replaced(RESULT, 34, proofs.u32(2)), only=True)

    def test_result_present(self):
        self.names("result.present", ENTRIES[:RESULT], only=True)


if __name__ == "__main__":
    unittest.main()
