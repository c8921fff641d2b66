"""Ed25519 verification (RFC 8032), strict.

Strict means: the key and R are canonical encodings of points that are not of small order, S is
smaller than l, and S·B = R + k·A holds without multiplying by the cofactor.
"""

import hashlib

import ristretto
from ristretto import D, L, P, Refused, add, double, multiply, negate, sqrt_ratio

BASE_Y = 4 * pow(5, -1, P) % P


def decode(data):
    """RFC 8032, section 5.1.3, refusing every encoding but the canonical one."""
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, value & (1 << 255) - 1
    if len(data) != 32 or y >= P:
        raise Refused("a non-canonical point")
    was_square, x = sqrt_ratio(y * y - 1, D * y * y + 1)
    if not was_square or (x == 0 and sign):
        raise Refused("bytes that encode no point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode(BASE_Y.to_bytes(32, "little"))


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def is_small_order(p):
    return same(double(double(double(p))), ristretto.IDENTITY)


def verify(key, message, signature):
    """Returns nothing, or raises `Refused`."""
    if len(signature) != 64:
        raise Refused("an Ed25519 signature has 64 bytes")
    a, r = decode(key), decode(signature[:32])
    s = ristretto.decode_scalar(signature[32:])
    if is_small_order(a) or is_small_order(r):
        raise Refused("a point of small order")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    if not same(add(multiply(s, BASE), multiply(k, negate(a))), r):
        raise Refused("a signature that does not hold")
