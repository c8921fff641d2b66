"""Known answers: of the RFCs, and those of docs/spec/vectors, which another program made."""

import hashlib
import hmac
import json
import unittest
from pathlib import Path
from unittest import mock

import ed25519
import fold
import proofs
import record
import ristretto
from manifest import Manifest, digits
from proofs import Transcript, check_signature, u16
from report import Report
from ristretto import BLIND, G, H, L, Refused, combine, decode, encode, multiply

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# RFC 9496, appendix A.1, 0·B to 15·B.
MULTIPLES = """0000000000000000000000000000000000000000000000000000000000000000
e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76
6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919
94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259
da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57
e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e
f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403
44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d
903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c
02622ace8f7303a31cafc63f8fc48fdc16e1c8c8d234b2f0d6685282a9076031
20706fd788b2720a1ed2a5dad4952b01f413bcf0e7564de8cdc816689e2db95f
bce83f8ba5dd2fa572864c24ba1810f9522bc6004afe95877ac73241cafdab42
e4549ee16b9aa03099ca208c67adafcafa4c3f3e4e5303de6026e3ca8ff84460
aa52e000df2e16f55fb1032fc33bc42742dad6bd5a8fc0be0167436c5948501f
46376b80f409b29dc2b5f6f0c52591990896e5716f41477cd30085ab7f10301e
e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e""".split()

# RFC 9496, appendix A.2: non-canonical, negative, without a square, with a negative product, y = 0.
BAD = """00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
0100000000000000000000000000000000000000000000000000000000000000
01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20
c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562
c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78
47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24
f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72
87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309
26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371
4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f
de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b
bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042
2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08
f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22
8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731
2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b
3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e
a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220
d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e
8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32
32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b
227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165
5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e
445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f""".split()

# RFC 9496, appendix A.3 (the first two): SHA-512 of these texts, mapped.
DERIVED = {
    "Ristretto is traditionally a short shot of espresso coffee":
        "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46",
    "made with the normal amount of ground coffee but extracted with":
        "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b",
}


def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


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


class Rfc(unittest.TestCase):
    def test_multiples_of_the_generator(self):
        for i, expected in enumerate(MULTIPLES):
            self.assertEqual(encode(multiply(i, G)).hex(), expected)
            self.assertEqual(encode(ristretto.decode_any(bytes.fromhex(expected))).hex(), expected)

    def test_bad_encodings_and_the_identity_are_refused(self):
        for bad in BAD + MULTIPLES[:1]:
            with self.assertRaises(Refused, msg=bad):
                decode(bytes.fromhex(bad))

    def test_scalars_from_l_on_are_refused(self):
        ristretto.decode_scalar((L - 1).to_bytes(32, "little"))
        with self.assertRaises(Refused):
            ristretto.decode_scalar(L.to_bytes(32, "little"))

    def test_one_way_map(self):
        for text, expected in DERIVED.items():
            self.assertEqual(encode(ristretto.from_uniform(hashlib.sha512(text.encode()).digest())).hex(), expected)

    def test_expand_message_xmd(self):
        dst = b"QUUX-V01-CS02-with-expander-SHA512-256"
        for message, expected in ((b"", "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba"),
                                  (b"abc", "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc")):
            self.assertEqual(ristretto.expand_message_xmd(message, dst, 32).hex(), expected)
        self.assertEqual(ristretto.expand_message_xmd(b"", dst, 128).hex(), (
            "41b037d1734a5f8df225dd8c7de38f851efdb45c372887be655212d07251b921b052b62eaed99b46f72f2ef4cc96bfaf254ebbbe"
            "c091e1a3b9e4fb5e5b619d2e0c5414800a1d882b62bb5cd1778f098b8eb6cb399d5d9d18f5d5842cf5d13d7eb00a7cff859b605d"
            "a678b318bd0e65ebff70bec88c753b159a805d2c89c55961"))

    def test_ed25519(self):
        key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        signature = bytes.fromhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                                  "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        ed25519.verify(key, b"", signature)
        larger = signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
        identity = (1).to_bytes(32, "little")
        for k, message, s in ((key, b"x", signature), (key, b"", signature[:63] + b"\0"), (key, b"", larger),
                              (identity, b"", identity + bytes(32)), (identity, b"", signature)):
            with self.assertRaises(Refused):
                ed25519.verify(k, message, s)


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
        real = proofs.check_ballot
        with mock.patch.object(fold, "check_ballot", lambda *a: cls.challenges.append(real(*a))):
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
        self.assertEqual([totals for _, totals in self.election.result], self.v["result"])

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


if __name__ == "__main__":
    unittest.main()
