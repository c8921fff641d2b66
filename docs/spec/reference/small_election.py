"""Makes small elections for tests: everything of a record but ballots, with every secret known and nothing random.

Three trustees (threshold 2), three witnesses (quorum 2), five of the six must certify the close. As nobody votes, the
totals of its one contest are withheld.
"""

import hashlib
import json

import bls12_381 as bls
import ed25519
import record
from entries import VERSION
from manifest import Manifest
from proofs import Transcript, u16, u32, u64
from ristretto import G, L, encode, multiply

TRUSTEES, WITNESSES, THRESHOLD = (1, 2, 3), (1, 2, 3), 2
UUID = "ab" * 16
ORIGIN = "board.example/" + UUID


def secret(*name, order=L):
    """A secret number of its own for every name."""
    return int.from_bytes(hashlib.sha512(repr(name).encode()).digest(), "little") % order


def scalar(number):
    return (number % L).to_bytes(32, "little")


def sign(x, message):
    w, key = secret("nonce", x, message), encode(multiply(x, G))
    r = encode(multiply(w, G))
    hashed = hashlib.sha512(b"FROST-RISTRETTO255-SHA512-v1chal" + r + key + message).digest()
    return r + scalar(w + int.from_bytes(hashed, "little") * x)


def ed25519_encode(point):
    x, y, z, _ = point
    n = pow(z, -1, ed25519.P)
    return ((y * n % ed25519.P) | (x * n % ed25519.P & 1) << 255).to_bytes(32, "little")


def ed25519_key(x):
    return ed25519_encode(multiply(x, ed25519.BASE))


def ed25519_sign(x, message):
    w, key = secret("nonce", x, message), ed25519_key(x)
    r = ed25519_encode(multiply(w, ed25519.BASE))
    return r + scalar(w + int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") * x)


def joint_sign(x, message, tag=bls.SIGNATURE_TAG):
    return bls.encode_g2(bls.multiply(x % bls.R, bls.hash_to_g2(message, tag)))


def prove_dleq(context, a, secrets):
    """parameters.md, `Dleq`; a is a point."""
    ys, ds = b"".join(encode(multiply(s, G)) for s in secrets), b"".join(encode(multiply(s, a)) for s in secrets)
    t = Transcript("dleq").append("context", context).append("A", encode(a)).append("Y", ys).append("D", ds)
    seed, w = t.digest("weights"), secret("dleq", context)
    rows = encode(multiply(w, G)), encode(multiply(w, a))
    c = t.append("R_G", rows[0]).append("R_A", rows[1]).challenge("c")
    rho = [int.from_bytes(hashlib.sha512(b"psephos v1 weight" + seed + u32(i)).digest()[:16], "little")
           for i in range(len(secrets))]
    return b"".join(rows) + scalar(w + c * sum(r * s for r, s in zip(rho, secrets)))


def manifest_text(**changes):
    text = {"en": "A small election"}
    value = {
        "psephos": 3, "uuid": UUID, "language": "en", "title": text,
        "organiser": {"name": "Organiser", "key": encode(multiply(secret("organiser"), G)).hex()},
        "issuers": [{"name": "Issuer"}],
        "trustees": [{"name": f"Trustee {j}", "key": encode(multiply(secret("trustee", j), G)).hex()} for j in TRUSTEES],
        "threshold": THRESHOLD, "close_quorum": 5,
        "witnesses": [{"name": f"witness{i}.example", "key": ed25519_key(secret("witness", i)).hex()} for i in WITNESSES],
        "witness_quorum": 2,
        "board": {"origin": ORIGIN, "key": ed25519_key(secret("board")).hex()},
        "opens": "2026-01-01T00:00:00Z", "closes": "2026-01-02T00:00:00Z",
        "styles": [{"id": "all", "contests": ["c"]}],
        "contests": [{"id": "c", "kind": "choices", "title": text, "min": 1, "max": 1, "blank": False,
                      "options": [{"id": i, "label": text} for i in ("x", "y", "z")]}],
        "minimum_ballots": 1}
    value.update(changes)
    return json.dumps({name: v for name, v in value.items() if v is not None}).encode()


class SmallElection:
    """Appends entries; the whole life of a sound election is `through_close`, `through_result`, beacons and seals."""

    voters = [(0, 1)]  # style and weight

    def __init__(self, **changes):
        text = manifest_text(**changes)
        self.manifest, self.entries = Manifest(text), []
        self.scope, self.positions = self.manifest.id, range(self.manifest.positions)
        self.append(1, "organiser", b"", text)

    @property
    def leaves(self):
        return [record.leaf_hash(entry) for entry in self.entries]

    def append(self, kind, signer, author, body):
        unsigned = bytes([VERSION, kind]) + self.scope + author + body
        self.entries.append(unsigned + sign(secret(*signer) if type(signer) is tuple else secret(signer),
                                            b"psephos v1 entry\0" + unsigned))

    def by_trustee(self, kind, j, body):
        self.append(kind, ("trustee", j), u16(j), body)

    def coefficient(self, j, i, k):
        return secret("coefficient", j, i, k)

    def joint_coefficient(self, j, k):
        return secret("joint", j, k, order=bls.R)

    def key_share(self, j, i):
        return sum(self.coefficient(d, i, k) * j**k for d in TRUSTEES for k in range(THRESHOLD)) % L

    def joint_share(self, j):
        return sum(self.joint_coefficient(d, k) * j**k for d in TRUSTEES for k in range(THRESHOLD)) % bls.R

    def contribution(self, j):
        return secret("contribution", j).to_bytes(32, "big")

    def through_opening(self):
        voters = u32(len(self.voters))
        self.append(2, "organiser", b"", u32(0) + voters[2:] + b"".join(map(self.listed, range(len(self.voters)))))
        roll = Transcript("roll").append("entry", self.leaves[-1]).digest("roll")
        for j in TRUSTEES:
            self.by_trustee(3, j, b"")
        self.session = Transcript("ceremony session").append("manifest", self.scope).append("attempt", u16(1)).digest("session")
        reveals = {j: self.make_reveal(j) for j in TRUSTEES}
        at = {}
        for name, kind, bodies in (("commit", 4, {j: commitment for j, (commitment, _) in reveals.items()}),
                                   ("reveal", 5, {j: reveal for j, (_, reveal) in reveals.items()}),
                                   ("deal", 6, dict.fromkeys(TRUSTEES, bytes(3 * (32 * (len(self.positions) + 1) + 16))))):
            for j in TRUSTEES:
                self.by_trustee(kind, j, u16(1) + bodies[j])
                at[name, j] = self.leaves[-1]
        t = Transcript("ceremony").append("session", self.session)
        for j in TRUSTEES:
            for name in ("commit", "reveal", "deal"):
                t.append(name, at[name, j])
        keys = b"".join(encode(multiply(sum(self.coefficient(d, i, 0) for d in TRUSTEES), G)) for i in self.positions)
        self.keys = keys
        self.digest = t.append("keys", keys).digest("ceremony")
        for j in TRUSTEES:
            self.by_trustee(9, j, u16(1) + self.digest + self.rehearsal(j) + self.commitment(j) + self.joint_rehearsal(j))
        booth = bytes(32)
        self.append(10, "organiser", b"", roll + voters + self.digest + booth)
        t = Transcript("election id").append("manifest", self.scope).append("roll", roll).append("voters", voters)
        self.scope = t.append("ceremony", self.digest).append("keys", keys).append("booth", booth).digest("election")
        return self

    def listed(self, i):
        """A voter of the roll: style, weight, part and its proof."""
        x = secret("voter", i)
        possession = sign(x, b"psephos v1 credential part\0" + bytes.fromhex(UUID) + u16(0))
        return u16(self.voters[i][0]) + u32(self.voters[i][1]) + encode(multiply(x, G)) + possession

    def make_reveal(self, j):
        """Commitment and reveal of a trustee, without the attempt."""
        points = [encode(multiply(self.coefficient(j, i, k), G)) for i in self.positions for k in range(THRESHOLD)]
        e, u, w = secret("encryption", j), secret("ephemeral", j), secret("reveal", j)
        coefficients, key, ephemeral, r = b"".join(points), *(encode(multiply(s, G)) for s in (e, u, w))
        t = Transcript("ceremony reveal").append("session", self.session).append("trustee", u16(j))
        t.append("coefficients", coefficients).append("encryption key", key).append("ephemeral", ephemeral)
        c = t.append("R", r).challenge("c")
        secrets = [self.coefficient(j, i, 0) for i in self.positions] + [e, u]
        proof = r + scalar(w + sum(pow(c, i, L) * s for i, s in enumerate(secrets, 1)))
        b = [self.joint_coefficient(j, k) for k in range(THRESHOLD)]
        joint = b"".join(bls.encode_g1(bls.multiply(x, bls.G)) for x in b)
        possession = self.possession(j, joint)
        t = Transcript("ceremony commitment").append("session", self.session).append("trustee", u16(j))
        t.append("coefficients", coefficients).append("encryption key", key).append("ephemeral", ephemeral)
        commitment = t.append("joint coefficients", joint).append("possession", possession).digest("commitment")
        return commitment, coefficients + key + ephemeral + proof + joint + possession

    def possession(self, j, joint):
        message = b"psephos v2 possession\0" + self.session + u16(j) + joint
        return joint_sign(self.joint_coefficient(j, 0), message, bls.POSSESSION_TAG)

    def rehearsal(self, j):
        nu = Transcript("rehearsal").append("ceremony", self.digest).challenge("nonce")
        context = Transcript("rehearsal proof").append("ceremony", self.digest).append("trustee", u16(j)).digest("context")
        return prove_dleq(context, multiply(nu, G), [self.key_share(j, i) for i in self.positions])

    def joint_rehearsal(self, j):
        return joint_sign(self.joint_share(j), b"psephos v2 rehearsal\0" + self.digest)

    def commitment(self, j):
        t = Transcript("contribution commitment").append("session", self.session).append("trustee", u16(j))
        return t.append("contribution", self.contribution(j)).digest("commitment")

    def through_close(self, trustees=TRUSTEES, witnesses=WITNESSES):
        self.through_opening()
        self.append(13, "organiser", b"", b"")
        self.closed_at = len(self.entries)
        root = record.root_hash(self.leaves)
        for j in trustees:
            self.by_trustee(14, j, u64(self.closed_at) + root)
        for i in witnesses:
            self.witness_close(i)
        return self

    def witness_close(self, i, size=None, time=1_800_000_000):
        size = len(self.entries) if size is None else size
        text = record.checkpoint_text(ORIGIN, size, record.root_hash(self.leaves[:size]))
        signature = ed25519_sign(secret("witness", i), f"cosignature/v1\ntime {time}\n".encode() + text)
        self.entries.append(bytes([VERSION, 17]) + self.scope + u16(i) + u64(size) + u64(time) + signature)

    def beacon(self, j):
        self.by_trustee(18, j, self.contribution(j) + joint_sign(self.joint_share(j), b"psephos v2 beacon\0" + self.scope))

    def through_result(self):
        """Without ballots there is nothing to decrypt, and the shares are empty."""
        for j in TRUSTEES[:THRESHOLD]:
            self.by_trustee(15, j, b"")
        self.append(16, "organiser", b"", u32(0) + u64(0) + b"\0")
        self.result_size, self.result_root = len(self.entries), record.root_hash(self.leaves)
        return self

    def seal(self, j):
        message = b"psephos v2 seal\0" + self.scope + u64(self.result_size) + self.result_root
        self.by_trustee(19, j, joint_sign(self.joint_share(j), message))

    def checkpoint(self, cosigners=WITNESSES):
        text = record.checkpoint_text(ORIGIN, len(self.entries), record.root_hash(self.leaves))

        def line(name, type_and_key, time, signature):
            key_id = hashlib.sha256(name.encode() + b"\n" + type_and_key).digest()[:4]
            return f"\u2014 {name} ".encode() + record.base64.b64encode(key_id + time + signature) + b"\n"

        note = text + b"\n" + line(ORIGIN, b"\1" + self.manifest.board_key, b"", ed25519_sign(secret("board"), text))
        time = 1_800_000_000
        for i in cosigners:
            name, key = self.manifest.witnesses[i - 1]
            signature = ed25519_sign(secret("witness", i), f"cosignature/v1\ntime {time}\n".encode() + text)
            note += line(name, b"\4" + key, u64(time), signature)
        return note

    def files(self, **how):
        """The files of its record (of at most 256 entries)."""
        size = len(self.entries)
        return {"checkpoint": self.checkpoint(**how),
                f"tile/entries/000.p/{size}": b"".join(u16(len(entry)) + entry for entry in self.entries),
                f"tile/0/000.p/{size}": b"".join(self.leaves)}


def sound(election=None):
    election = (election or SmallElection()).through_close()
    election.beacon(1)
    election.beacon(3)
    election.through_result()
    election.beacon(2)
    election.seal(3)
    election.seal(1)
    return election
