"""Known answers: of the RFCs, and those of docs/spec/vectors, which another program made."""

import hashlib
import hmac
import json
import unittest
from pathlib import Path
from unittest import mock

import bls12_381
import ed25519
import fold
import proofs
import ranges
import record
import ristretto
import sealing
from entries import Reader
from joint import audit_sample
from manifest import Manifest
from merlin import MerlinTranscript
from proofs import Transcript, check_signature, u16
from report import Report
from ristretto import BLIND, G, H, L, Refused, combine, decode, encode, multiply
from shape import digits

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


OUTSIDE = load("outside")


def hkdf_sha512(ikm, salt, info):
    """RFC 5869, one block, as a scalar."""
    key = hmac.new(salt, ikm, "sha512").digest()
    return int.from_bytes(hmac.new(key, info + b"\1", "sha512").digest(), "little") % L


def trustee_secret(seed, label, i=0, k=0, salt=bytes(32)):
    return hkdf_sha512(seed, salt, b"psephos v1 trustee " + label + u16(i) + u16(k))


def read_code(text):
    """credentials.md: the 26 random symbols of a code whose check symbols agree."""
    symbols = text.replace("-", "")
    hashed = Transcript("credential code").append("symbols", symbols[:26].encode()).digest("check")
    bits = int.from_bytes(hashed[:3], "big") >> 4
    assert symbols[26:] == "".join(CROCKFORD[bits >> shift & 31] for shift in (15, 10, 5, 0))
    return symbols[:26]


def show_code(code):
    value = int.from_bytes(code, "big") << 4
    symbols = "".join(CROCKFORD[value >> 5 * i & 31] for i in range(51, -1, -1))
    return "-".join(symbols[i:i + 4] for i in range(0, 52, 4))


def outside(name):
    """A known answer of others, its hexadecimal members as bytes."""
    return {member: bytes.fromhex(value) if isinstance(value, str) and member not in ("source", "name", "text", "note")
            else value for member, value in OUTSIDE[name].items()}


class Outside(unittest.TestCase):
    def test_multiples_of_the_generator(self):
        for i, expected in enumerate(OUTSIDE["ristretto255 multiples of G"]["0 to 15"]):
            self.assertEqual(encode(multiply(i, G)).hex(), expected)
            self.assertEqual(encode(ristretto.decode_any(bytes.fromhex(expected))).hex(), expected)

    def test_bad_encodings_and_the_identity_are_refused(self):
        for bad in OUTSIDE["ristretto255 bad encodings"]["encodings"] + ["00" * 32]:
            with self.assertRaises(Refused, msg=bad):
                decode(bytes.fromhex(bad))

    def test_scalars_from_l_on_are_refused(self):
        ristretto.decode_scalar((L - 1).to_bytes(32, "little"))
        with self.assertRaises(Refused):
            ristretto.decode_scalar(L.to_bytes(32, "little"))

    def test_one_way_map(self):
        for text, expected in OUTSIDE["ristretto255 one-way map"]["elements"].items():
            self.assertEqual(encode(ristretto.from_uniform(hashlib.sha512(text.encode()).digest())).hex(), expected)

    def test_expand_message_xmd(self):
        v = OUTSIDE["expand_message_xmd"]
        for message, expected in v["32 bytes of"].items():
            self.assertEqual(ristretto.expand_message_xmd(message.encode(), v["tag"].encode(), 32).hex(), expected)

    def test_hash_to_ristretto255(self):
        v = outside("hash to ristretto255")
        point = ristretto.from_uniform(ristretto.expand_message_xmd(v["input"], v["tag"], 64))
        self.assertEqual(encode(multiply(int.from_bytes(v["blind"], "little"), point)), v["blinded"])

    def test_schnorr_signature(self):
        v = outside("Schnorr signature")
        check_signature(v["public"], v["message"], v["signature"])
        with self.assertRaises(Refused):
            check_signature(v["public"], v["message"] + b"x", v["signature"])

    def test_merlin(self):
        v = OUTSIDE["Merlin"]
        t = MerlinTranscript("test protocol")
        t.append_message("some label", b"some data")
        self.assertEqual(t.challenge_bytes("challenge", 32).hex(), v["simple"])
        t = MerlinTranscript("test protocol")
        t.append_message("step1", b"some data")
        for _ in range(32):
            challenge = t.challenge_bytes("challenge", 32)
            t.append_message("bigdata", bytes([99]) * 1024)
            t.append_message("challengedata", challenge)
        self.assertEqual(challenge.hex(), v["complex"])

    def test_bulletproofs(self):
        v = OUTSIDE["Bulletproofs"]
        blind = ristretto.from_uniform(hashlib.sha3_512(encode(G)).digest())

        def check(bits, count, proof):
            data = bytes.fromhex("".join(v["commitments"][:count]) + proof)
            transcript = MerlinTranscript("Deserialize-And-Verify Test")
            ranges.Bulletproof(ranges.Range(bits, count), data).check(transcript, G, blind)

        for known in v["proofs"]:
            check(known["bits"], known["values"], known["proof"])
        first = v["proofs"][0]["proof"]
        for at in (4, 5, 6, -2, -1):  # every scalar
            parts = [first[i:i + 64] for i in range(0, len(first), 64)]
            parts[at] = "01" + parts[at][2:] if parts[at][:2] != "01" else "02" + parts[at][2:]
            with self.assertRaises(Refused):
                check(8, 1, "".join(parts))

    def test_ed25519(self):
        v = outside("Ed25519")
        key, signature = v["public"], v["signature"]
        ed25519.verify(key, v["message"], signature)
        larger = signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
        identity = (1).to_bytes(32, "little")
        for k, message, s in ((key, b"x", signature), (key, b"", signature[:63] + b"\0"), (key, b"", larger),
                              (identity, b"", identity + bytes(32)), (identity, b"", signature)):
            with self.assertRaises(Refused):
                ed25519.verify(k, message, s)

    def test_signed_note(self):
        v = outside("signed note")
        text, line = v["note"].rsplit("\n\n", 1)
        name, blob = line.removeprefix("\u2014 ").rstrip("\n").split(" ")
        blob = record.decode_base64(blob, "the signature")
        self.assertEqual((text + "\n", name), (v["text"], v["name"]))
        self.assertEqual(blob[:4], hashlib.sha256(name.encode() + b"\n\x01" + v["public"]).digest()[:4])
        ed25519.verify(v["public"], v["text"].encode(), blob[4:])

    def test_cosignature(self):
        v = load("cosignature")
        name, key_id, key = v["key"].split("+", 2)
        key = record.decode_base64(key, "the key")
        self.assertEqual((name, key[0]), (v["name"], 4))
        self.assertEqual(hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex(), key_id)
        text = (VECTORS / "record/checkpoint").read_text().split("\n\n")[0] + "\n"
        blob = record.decode_base64(v["line"].removeprefix(f"\u2014 {name} ").rstrip("\n"), "the line")
        self.assertEqual((blob[:4].hex(), blob[4:12]), (key_id, v["time"].to_bytes(8, "big")))
        message = f"cosignature/v1\ntime {v['time']}\n{text}".encode()
        ed25519.verify(key[1:], message, blob[12:])
        with self.assertRaises(record.Refused):
            ed25519.verify(key[1:], message + b"\n", blob[12:])

    def test_merkle_tree(self):
        leaves = [record.leaf_hash(bytes.fromhex(leaf)) for leaf in OUTSIDE["Merkle tree"]["leaves"]]
        for size, root in enumerate(OUTSIDE["Merkle tree"]["roots"]):
            self.assertEqual(record.root_hash(leaves[:size]).hex(), root)

    def test_hkdf_and_sealing(self):
        v = outside("HKDF-SHA-256")
        self.assertEqual(sealing.hkdf("sha256", v["ikm"], v["salt"], v["info"], 42), v["okm"])
        v = outside("XChaCha20-Poly1305")
        self.assertEqual(sealing.unseal(v["key"], v["sealed"], v["nonce"], v["aad"]), v["plain"])
        with self.assertRaises(Refused):
            sealing.unseal(v["key"], v["sealed"], v["nonce"], v["aad"] + b"x")


def inclusion_root(leaf, index, size, proof):
    """RFC 6962, section 2.1.1, from the top down."""
    if size == 1:
        return leaf
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return record.node_hash(inclusion_root(leaf, index, split, proof[:-1]), proof[-1])
    return record.node_hash(proof[-1], inclusion_root(leaf, index - split, size - split, proof[:-1]))


def path_roots(begin, size, path):
    """board.md, "Equivocation": the roots of the beginning and of the whole, from the top down."""
    if begin == size:
        (node,) = path
        return node, node
    split = 1 << (size - 1).bit_length() - 1
    if begin <= split:
        first, whole = path_roots(begin, split, path[:-1])
        return first, record.node_hash(whole, path[-1])
    first, whole = path_roots(begin - split, size - split, path[:-1])
    return record.node_hash(path[-1], first), record.node_hash(path[-1], whole)


class Board(unittest.TestCase):
    def test_log_of_several_tiles(self):
        v = load("log")
        leaves = [record.leaf_hash(i.to_bytes(2, "big")) for i in range(v["size"])]
        root = record.root_hash(leaves)
        self.assertEqual((leaves[0].hex(), root.hex()), (v["first leaf"], v["root"]))
        self.assertEqual([record.root_hash(leaves[i:i + 256]).hex() for i in (0, 256)], v["tile/1/000.p/2"])
        for x in v["inclusion"]:
            proof = [bytes.fromhex(h) for h in x["proof"]]
            self.assertEqual(inclusion_root(leaves[x["index"]], x["index"], v["size"], proof), root)
        for x in v["beginnings"]:
            path = [bytes.fromhex(h) for h in x["path"]]
            self.assertEqual(path_roots(x["size"], v["size"], path), (bytes.fromhex(x["root"]), root))
            self.assertEqual(record.root_hash(leaves[:x["size"]]).hex(), x["root"])

    def test_receipts(self):
        files, _ = record.read_folder(VECTORS / "record")
        entries = record.read_entries(Report(), files, record.Checkpoint(files["checkpoint"]).size)
        manifest = Manifest(entries[0][34:-64])
        for x in load("receipts")["receipts"]:
            receipt, entry, index = json.loads(x["receipt"]), entries[x["entry"]], x["entry"]
            checkpoint = record.Checkpoint(receipt["checkpoint"].encode())
            checkpoint.check_origin(manifest.origin)
            checkpoint.check_signature(manifest.board_key)
            proof = [record.decode_base64(h, "a hash") for h in receipt["proof"]]
            leaf = record.leaf_hash(entry)
            self.assertEqual(inclusion_root(leaf, index, checkpoint.size, proof), checkpoint.root)
            code = Transcript("confirmation code").append("entry", entry[:-64]).digest("code")
            self.assertEqual(receipt["code"], (code if entry[1] == 11 else leaf).hex())
            self.assertEqual((receipt["election"], receipt["index"]), (entry[2:34].hex(), index))


class Secrets(unittest.TestCase):
    def test_codes(self):
        v = load("codes")
        for x in v["codes"]:
            typed = x["typed"].replace(" ", "").upper().translate(str.maketrans("OIL", "011"))
            symbols = read_code(typed)
            self.assertEqual((symbols, read_code(x["code"])), (x["symbols"], x["symbols"]))
            secrets = [hkdf_sha512(symbols.encode(), bytes.fromhex(v["uuid"]), b"psephos v1 credential" + u16(p["issuer"]))
                       for p in x["parts"]]
            self.assertEqual([s.to_bytes(32, "little").hex() for s in secrets], [p["x"] for p in x["parts"]])
            self.assertEqual([encode(multiply(s, G)).hex() for s in secrets], [p["X"] for p in x["parts"]])
            self.assertEqual(encode(multiply(sum(secrets), G)).hex(), x["X of all three parts of this code"])

    def test_sealed_shares(self):
        v = {name: bytes.fromhex(value) if isinstance(value, str) and name != "spec" else value
             for name, value in load("sealed-shares").items()}
        seeds = {j: bytes([j]) * 32 for j in (1, 2)}
        u = trustee_secret(seeds[1], b"dealing ephemeral", salt=v["session"])
        e = trustee_secret(seeds[2], b"share encryption", salt=v["session"])
        self.assertEqual([s.to_bytes(32, "little") for s in (u, e)], [v["ephemeral secret"], v["encryption secret"]])
        self.assertEqual([encode(multiply(s, G)) for s in (u, e)], [v["ephemeral"], v["encryption key"]])
        # Both sides find the same point.
        points = {encode(multiply(u, decode(v["encryption key"]))), encode(multiply(e, decode(v["ephemeral"])))}
        self.assertEqual(points, {v["shared point"]})
        info = b"psephos v1 share" + u16(1) + u16(2) + v["ephemeral"] + v["encryption key"]
        key = sealing.hkdf("sha256", v["shared point"], v["session"], info, 32)
        self.assertEqual(key, v["key"])
        shares = [sum(trustee_secret(seeds[1], b"coefficient", i, k, v["session"]) * 2**k for k in range(2)) % L
                  for i in range(len(v["shares"]))]
        self.assertEqual([s.to_bytes(32, "little").hex() for s in shares], v["shares"])
        self.assertEqual(sealing.unseal(key, v["sealed"]).hex(), "".join(v["shares"]) + v["joint share"].hex())

    def test_preview(self):
        """cells.json: a preview is opened by each recipient; its shares have a proof."""
        v = load("cells")["preview"]
        manifest, body = Manifest(v["manifest"].encode()), bytes.fromhex(v["body"])
        election, close, keys, ephemeral = (bytes.fromhex(v[n]) for n in ("election", "close", "k", "ephemeral secret"))
        guarded = manifest.guarded(0)
        self.assertEqual((len(guarded), manifest.guarded(1)), (3, []))
        self.assertEqual(encode(multiply(int.from_bytes(ephemeral, "little"), G)), body[:32])
        for i, recipient in enumerate({n: h if n == "trustee" else bytes.fromhex(h) for n, h in r.items()} for r in v["recipients"]):
            secret = int.from_bytes(recipient["encryption secret"], "little")
            self.assertEqual(encode(multiply(secret, G)), recipient["encryption key"])
            shared = encode(multiply(secret, decode(body[:32])))
            self.assertEqual(shared, recipient["shared point"])
            info = b"psephos v3 preview" + u16(v["trustee"]) + u16(recipient["trustee"]) + body[:32] + recipient["encryption key"]
            key = sealing.hkdf("sha256", shared, close, info, 32)
            self.assertEqual((key, body[32 + 48 * i:80 + 48 * i]), (recipient["key"], recipient["sealed key"]))
            self.assertEqual(sealing.unseal(key, recipient["sealed key"]), keys)
        sealed = body[32 + 48 * manifest.n:]
        plain = sealing.unseal(keys, sealed)
        self.assertEqual((plain.hex(), len(sealed)), (v["plain"], 32 * 3 + 96 + 16))
        t = Transcript("preview").append("election", election).append("close", close)
        context = t.append("trustee", u16(v["trustee"])).append("contest", u16(0)).digest("context")
        self.assertEqual(context.hex(), v["proof context"])
        shares = [plain[32 * i:32 * i + 32] for i in range(3)]
        verification = [bytes.fromhex(y) for y in v["verification keys"]]
        proofs.check_dleq(context, bytes.fromhex(v["A"][0]), verification[:3], shares, plain[96:])
        with self.assertRaises(Refused):
            proofs.check_dleq(context, bytes.fromhex(v["A"][0]), verification[1:4], shares, plain[96:])

    def test_complaint(self):
        v = load("complaint")
        body = bytes.fromhex(v["body after the attempt"])
        self.assertEqual(body[:2], u16(v["dealer"]))
        for trustee in (v["trustee"], 3):
            t = Transcript("complaint").append("session", bytes.fromhex(v["session"])).append("trustee", u16(trustee))
            arguments = (t.append("dealer", body[:2]).digest("context"), bytes.fromhex(v["ephemeral of the dealer"]),
                         [bytes.fromhex(v["encryption key of the trustee"])], [body[2:34]], body[34:])
            if trustee == v["trustee"]:
                proofs.check_dleq(*arguments)
            else:
                with self.assertRaises(Refused):
                    proofs.check_dleq(*arguments)

    def test_totals(self):
        for total, encoding in load("totals")["totals"]:
            self.assertEqual(encode(multiply(total, H)).hex(), encoding)


class Parameters(unittest.TestCase):
    def test_generators(self):
        vector = load("generators")
        self.assertEqual([encode(p).hex() for p in (G, H, BLIND)], [vector["G"], vector["H"], vector["P"]])
        ours = [encode(ristretto.vector_generator(j)).hex() for j in range(1, 17)]
        self.assertEqual(ours, vector["P_1 to P_16"])

    def test_transcript(self):
        vector = load("transcript")
        t = Transcript(vector["name"])
        for label, data in vector["items"]:
            t.append(label, bytes.fromhex(data))
        self.assertEqual(t.challenge("c").to_bytes(32, "little").hex(), vector['challenge "c"'])
        self.assertEqual(t.challenge("c").to_bytes(32, "little").hex(), vector['challenge "c" again'])
        self.assertEqual(t.digest("d").hex(), vector['digest "d"'])

    def test_signature(self):
        v = {name: bytes.fromhex(value) for name, value in load("signature").items() if name != "spec"}
        self.assertEqual(encode(multiply(int.from_bytes(v["secret"], "little"), G)), v["public"])
        check_signature(v["public"], v["prefix"] + v["content"], v["signature"])
        with self.assertRaises(Refused):
            check_signature(v["public"], v["prefix"] + v["content"] + b"x", v["signature"])

    def test_digits(self):
        for maximum, weights in load("digits")["weights by maximum"].items():
            self.assertEqual(digits(int(maximum)), weights)
        for maximum in range(1, 40):
            sums = {0}
            for weight in digits(maximum):
                sums |= {s + weight for s in sums}
            self.assertEqual(sums, set(range(maximum + 1)))


class ElectionValues(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.v = load("election")
        files, _ = record.read_folder(VECTORS / "record")
        cls.entries = record.read_entries(Report(), files, cls.v["size"])
        cls.manifest = Manifest(cls.entries[0][34:-64])
        cls.challenges = []
        real = proofs.ballot_equations

        def observed(*statement):
            challenges, faults = real(*statement)
            cls.challenges.append(challenges)
            return challenges, faults

        with mock.patch.object(fold, "ballot_equations", observed):
            cls.election = fold.check_election(Report(), cls.manifest, cls.entries)

    def test_ids_and_keys(self):
        e, v = self.election, self.v
        self.assertEqual(e.manifest.id.hex(), v["manifest id"])
        self.assertEqual(e.ceremony.session.hex(), v["session"])
        self.assertEqual(e.ceremony.digest.hex(), v["ceremony digest"])
        self.assertEqual(e.election_id.hex(), v["election id"])
        self.assertEqual([k.hex() for k in e.ceremony.keys], v["election keys"])
        self.assertEqual([[y.hex() for y in row] for row in e.ceremony.verification_keys.values()], v["verification keys"])
        self.assertEqual([s.encode().hex() for s in e.manifest.shapes], v["shapes"])
        self.assertEqual(record.root_hash(e.leaves).hex(), v["root"])

    def test_challenges_of_ballots(self):
        self.assertEqual([{name: x.to_bytes(32, "little").hex() for name, x in c.items()} for c in self.challenges],
                         [{name: b[name] for name in ("y", "x")} for b in self.v["ballots"]])

    def test_confirmation_codes(self):
        for ballot in self.v["ballots"] + [dict(self.v["challenged"], entry=None)]:
            unsigned = self.entries[ballot["entry"]][:-64] if ballot["entry"] else bytes.fromhex(ballot["unsigned"])
            code = Transcript("confirmation code").append("entry", unsigned).digest("code")
            self.assertEqual(code.hex(), ballot["code"])
            if "code as shown" in ballot:
                self.assertEqual(show_code(code), ballot["code as shown"])

    def test_tally(self):
        t = self.election.tally
        self.assertEqual({"size": t.size, "root": t.root.hex(), "digest": t.close.hex()}, self.v["close"])
        ours = [{"A": encode(a["A"]).hex(), "B": [encode(b).hex() for b in a["B"]], "ballots": a["ballots"],
                 "weight": a["weight"]} for a in t.aggregates]
        self.assertEqual(ours, self.v["aggregates"])
        self.assertEqual([totals for _, _, totals in self.election.result], self.v["result"])

    def test_codes_give_credentials(self):
        for credential in self.v["credentials"]:
            x = sum(hkdf_sha512(read_code(code).encode(), self.manifest.uuid, b"psephos v1 credential" + u16(k))
                    for k, code in enumerate(credential["codes"]))
            self.assertEqual(encode(multiply(x, G)).hex(), credential["X"])
            self.assertIn(bytes.fromhex(credential["X"]), self.election.voters)

    def test_seeds_give_keys_and_coefficients(self):
        c, t = self.election.ceremony, self.manifest.threshold
        for j, trustee in enumerate(self.v["trustees"], 1):
            seed = bytes.fromhex(trustee["seed"])
            self.assertEqual(encode(multiply(trustee_secret(seed, b"signing key"), G)).hex(), trustee["key"])
            made = [trustee_secret(seed, b"coefficient", i, k, c.session)
                    for i in range(self.manifest.positions) for k in range(t)]
            reveal = c.messages["reveal"][j]
            self.assertEqual([encode(multiply(s, G)) for s in made], reveal["coefficients"])
            for label, name in ((b"share encryption", "encryption key"), (b"dealing ephemeral", "ephemeral")):
                self.assertEqual(encode(multiply(trustee_secret(seed, label, salt=c.session), G)), reveal[name])

    def test_challenged_ballot_encrypts_again(self):
        v = self.v["challenged"]
        unsigned, r = bytes.fromhex(v["unsigned"]), int.from_bytes(bytes.fromhex(v["nonce"]), "little")
        values = []  # per contest its options, and 0 for its blank
        for contest, chosen in zip(self.manifest.contests, v["values"]):
            values += chosen + [0] * contest.blank
        keys = self.election.ceremony.keys
        again = [multiply(r, G)] + [combine([value, r], [H, decode(k)]) for value, k in zip(values, keys)]
        self.assertEqual(b"".join(map(encode, again)), unsigned[104:104 + 32 * len(again)])


class Numbers(unittest.TestCase):
    """numbers.json."""

    @classmethod
    def setUpClass(cls):
        cls.v = load("numbers")
        cls.manifest = Manifest(cls.v["manifest"].encode())

    def test_shapes(self):
        self.assertEqual((self.manifest.id.hex(), self.manifest.positions), (self.v["manifest id"], self.v["positions"]))
        self.assertEqual([shape.encode().hex() for shape in self.manifest.shapes], self.v["shapes"])

    def test_range_proofs(self):
        for known in self.v["range proofs"]:
            commitments = bytes.fromhex(known["commitments"])
            sizes = ranges.Range(known["bits"], len(commitments) // 32)
            proof = ranges.Bulletproof(sizes, commitments + bytes.fromhex(known["proof"]))
            with self.subTest(known["what"]):
                if known["valid"]:
                    proof.check(ranges.transcript(bytes.fromhex(known["context"])))
                else:
                    with self.assertRaises(Refused):
                        proof.check(ranges.transcript(bytes.fromhex(known["context"])))

    def test_ballots(self):
        v = {name: bytes.fromhex(self.v[name]) for name in ("election id", "credential", "previous")}
        keys = [bytes.fromhex(key) for key in self.v["keys"]]
        for known in self.v["ballots"]:
            style, data = known["style"], bytes.fromhex(known["bytes"])
            shape, positions = self.manifest.shapes[style], self.manifest.positions_of(style)
            reader = Reader(data)
            alpha, betas = reader.element(), reader.elements(shape.positions)
            of_ranges = reader.ranges(shape.ranges)
            challenges, faults = proofs.ballot_equations(
                v["election id"], style, shape, [keys[p] for p in positions], v["credential"], self.v["counter"],
                v["previous"], alpha, betas, of_ranges, data[reader.at:])
            with self.subTest(known["what"]):
                if known["challenges"]:
                    ours = {name: x.to_bytes(32, "little").hex() for name, x in challenges.items()}
                    self.assertEqual(ours, known["challenges"])
                failed = {check for check, _ in faults}
                self.assertEqual(not failed, known["valid"])
                if "equation 6 alone" in known["what"]:
                    self.assertEqual(failed, {"ballots.linked"})
                elif failed:
                    self.assertIn("ballots.ranges", failed)


class JointValues(unittest.TestCase):
    """joint.json, of the same record."""

    @classmethod
    def setUpClass(cls):
        cls.v = load("joint")
        files, _ = record.read_folder(VECTORS / "record")
        cls.entries = record.read_entries(Report(), files, record.Checkpoint(files["checkpoint"]).size)
        manifest = Manifest(cls.entries[0][34:-64])
        cls.election = fold.check_election(Report(), manifest, cls.entries)
        cls.trustees = [(j, bytes.fromhex(trustee["seed"]), trustee) for j, trustee in enumerate(cls.v["trustees"], 1)]

    def joint_secret(self, seed, label, k=0):
        key = hmac.new(self.election.ceremony.session, seed, "sha512").digest()
        return hmac.new(key, b"psephos v1 trustee " + label + u16(0) + u16(k) + b"\1", "sha512").digest()

    def coefficients(self, seed):
        return [int.from_bytes(self.joint_secret(seed, b"joint coefficient", k), "little") % bls12_381.R
                for k in range(self.election.manifest.threshold)]

    def test_keys(self):
        ceremony, v = self.election.ceremony, self.v
        self.assertEqual((ceremony.session.hex(), self.election.election_id.hex()), (v["session"], v["election id"]))
        self.assertEqual(bls12_381.encode_g1(ceremony.joint_key).hex(), v["joint key"])
        for j, seed, trustee in self.trustees:
            self.assertEqual(bls12_381.encode_g1(ceremony.joint_keys[j]).hex(), trustee["verification key"])
            made = self.coefficients(seed)
            self.assertEqual([b.to_bytes(32, "big").hex() for b in made], trustee["secret coefficients"])
            points = [bls12_381.encode_g1(bls12_381.multiply(b, bls12_381.G)) for b in made]
            self.assertEqual([p.hex() for p in points], trustee["coefficients"])
            self.assertEqual(ceremony.messages["reveal"][j]["joint coefficients"], points)
            self.assertEqual(ceremony.messages["commit"][j]["commitment"].hex(), trustee["commitment"])
            self.assertEqual(ceremony.messages["certify"][j]["contribution"].hex(), trustee["contribution commitment"])
            self.assertEqual(self.joint_secret(seed, b"contribution")[:32].hex(), trustee["contribution"])
            dealt = [sum(b * i**k for k, b in enumerate(made)) % bls12_381.R for i in (1, 2, 3)]
            self.assertEqual([s.to_bytes(32, "big").hex() for s in dealt], trustee["shares for trustees 1 to 3"])

    def test_shares_are_what_the_secrets_sign(self):
        polynomials = [self.coefficients(seed) for _, seed, _ in self.trustees]
        for j, seed, trustee in self.trustees:
            share = sum(b * j**k for made in polynomials for k, b in enumerate(made)) % bls12_381.R
            signed = [(trustee["possession"], self.coefficients(seed)[0], bls12_381.POSSESSION_TAG, b"psephos v2 possession\0"
                       + self.election.ceremony.session + u16(j) + bytes.fromhex("".join(trustee["coefficients"])))]
            for name in ("beacon", "seal"):
                if trustee[f"share of the {name}"]:
                    message = bytes.fromhex(self.v[name]["message"])
                    signed.append((trustee[f"share of the {name}"], share, bls12_381.SIGNATURE_TAG, message))
            for expected, secret, tag, message in signed:
                point = bls12_381.multiply(secret, bls12_381.hash_to_g2(message, tag))
                self.assertEqual(bls12_381.encode_g2(point).hex(), expected)

    def test_beacon_and_seal(self):
        beacon, seal = self.v["beacon"], self.v["seal"]
        joint = self.election.report.joint
        self.assertEqual((joint["beacon"]["message"], joint["beacon"]["signature"], joint["beacon"]["audit_seed"]),
                         (beacon["message"], beacon["signature"], beacon["audit seed"]))
        self.assertEqual([lot["order"] for lot in joint["beacon"]["lots"]], [lot["order"] for lot in beacon["lots by contest"]])
        seeds = [self.election.beacon.lot_seed(i).hex() for i in range(len(joint["beacon"]["lots"]))]
        self.assertEqual(seeds, [lot["seed"] for lot in beacon["lots by contest"]])
        sample = audit_sample(self.election.beacon.audit_seed, self.election.tally.size)
        self.assertEqual(sample[:5], beacon["first 5 of the audit sample"])
        self.assertEqual({name: joint["seal"][name] for name in seal}, seal)


if __name__ == "__main__":
    unittest.main()
