"""XChaCha20-Poly1305 and HKDF (key-ceremony.md, round 4), to open the sealed shares of known answers."""

import hashlib
import hmac

from ristretto import Refused

MASK = 0xffffffff


def hkdf(hash_name, ikm, salt, info, length):
    """RFC 5869."""
    key = hmac.new(salt, ikm, hash_name).digest()
    out = block = b""
    for i in range(1, -(-length // hashlib.new(hash_name).digest_size) + 1):
        block = hmac.new(key, block + info + bytes([i]), hash_name).digest()
        out += block
    return out[:length]


def quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & MASK
        s[z] ^= s[x]
        s[z] = (s[z] << turn | s[z] >> (32 - turn)) & MASK


def rounds(key, last):
    """The state of ChaCha20 and what its twenty rounds make of it (RFC 8439, section 2.3)."""
    words = b"expand 32-byte k" + key + last
    start = [int.from_bytes(words[i:i + 4], "little") for i in range(0, 64, 4)]
    s = list(start)
    for _ in range(10):
        for i in range(4):
            quarter(s, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return start, s


def joined(words):
    return b"".join(w.to_bytes(4, "little") for w in words)


def stream(key, counter, nonce, length):
    out = b""
    while len(out) < length:
        start, s = rounds(key, counter.to_bytes(4, "little") + nonce)
        out += joined((a + b) & MASK for a, b in zip(start, s))
        counter += 1
    return out[:length]


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i:i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def unseal(key, sealed, nonce=bytes(24), aad=b""):
    """Opens what XChaCha20-Poly1305 sealed, or refuses."""
    _, s = rounds(key, nonce[:16])
    subkey, nonce = joined(s[:4] + s[12:]), bytes(4) + nonce[16:]
    body, tag = sealed[:-16], sealed[-16:]
    padded = b"".join(part + bytes(-len(part) % 16) for part in (aad, body))
    lengths = len(aad).to_bytes(8, "little") + len(body).to_bytes(8, "little")
    if poly1305(stream(subkey, 0, nonce, 32), padded + lengths) != tag:
        raise Refused("the seal does not hold")
    return bytes(a ^ b for a, b in zip(body, stream(subkey, 1, nonce, len(body))))
