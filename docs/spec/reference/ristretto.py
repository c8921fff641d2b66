"""ristretto255 (RFC 9496) and hash_to_ristretto255 (RFC 9380, appendix B), plain and slow.

Points are tuples (X, Y, Z, T) in extended coordinates of the curve of Ed25519. Nothing here is
constant-time: a verifier handles public values only.
"""

import hashlib
from functools import lru_cache

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

IDENTITY = (0, 1, 1, 0)


class Refused(Exception):
    """Bytes that strict decoding refuses; `check` is the check of an entry that says so."""

    def __init__(self, reason, check=None):
        super().__init__(reason)
        self.check = check


def is_negative(x):
    return x % P & 1 == 1


def absolute(x):
    x %= P
    return P - x if x & 1 else x


def sqrt_ratio(u, v):
    """RFC 9496, section 4.2: (was u/v a square, its non-negative root or that of i*u/v)."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    u %= P
    correct, flipped, flipped_i = check == u, check == -u % P, check == -u * SQRT_M1 % P
    if flipped or flipped_i:
        r = r * SQRT_M1 % P
    return correct or flipped, absolute(r)


_, INVSQRT_A_MINUS_D = sqrt_ratio(1, -1 - D)
SQRT_AD_MINUS_ONE = P - absolute(sqrt_ratio(-D - 1, 1)[1])  # the odd root, as RFC 9496 lists it


# The curve -x^2 + y^2 = 1 + d*x^2*y^2; the addition law is complete, so it also doubles.


def add(p, q):
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * D * t1 * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    x, y, z, _ = p
    a, b, c = x * x % P, y * y % P, 2 * z * z % P
    h = a + b
    e = h - (x + y) ** 2
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p):
    x, y, z, t = p
    return -x % P, y, z, -t % P


@lru_cache(maxsize=4_000)
def odd_multiples(p):
    """By number: ±1·p, ±3·p, … ±15·p."""
    table, twice = {1: p}, double(p)
    for k in range(3, 17, 2):
        table[k] = add(table[k - 2], twice)
    return table | {-k: negate(q) for k, q in table.items()}


def odd_digits(scalar):
    """(i, d) with scalar = Σ d·2^i: d odd, from -15 to 15, and any two i at least five apart."""
    i = 0
    while scalar:
        zeros = (scalar & -scalar).bit_length() - 1
        scalar, i = scalar >> zeros, i + zeros
        digit = scalar & 31
        digit -= 32 * (digit > 16)
        yield i, digit
        scalar -= digit


def combine(scalars, points):
    """The sum of scalars times points: all share their doublings."""
    scalars, points = list(scalars), list(points)
    assert len(scalars) == len(points)
    added = [[] for _ in range(255)]
    for scalar, p in zip(scalars, points):
        table = odd_multiples(p)
        for i, digit in odd_digits(scalar % L):
            added[i].append(table[digit])
    total = IDENTITY
    for column in reversed(added):
        if total is not IDENTITY:
            total = double(total)
        for p in column:
            total = add(total, p)
    return total


def multiply(scalar, p):
    return combine([scalar], [p])


def total(points):
    result = IDENTITY
    for p in points:
        result = add(result, p)
    return result


def equal(p, q):
    return (p[0] * q[1] - p[1] * q[0]) % P == 0 or (p[1] * q[1] - p[0] * q[0]) % P == 0


def is_identity(p):
    return equal(p, IDENTITY)


def encode(p):
    """RFC 9496, section 4.3.2."""
    x0, y0, z0, t0 = p
    u1 = (z0 + y0) * (z0 - y0) % P
    u2 = x0 * y0 % P
    _, invsqrt = sqrt_ratio(1, u1 * u2 * u2)
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 * t0 % P
    if is_negative(t0 * z_inv):
        x, y = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P
        den_inv = den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den_inv = x0, y0, den2
    if is_negative(x * z_inv):
        y = -y
    return absolute(den_inv * (z0 - y)).to_bytes(32, "little")


@lru_cache(maxsize=100_000)
def decode_any(data):
    """RFC 9496, section 4.3.1: every element, the identity included."""
    if len(data) != 32:
        raise Refused("an element has 32 bytes")
    s = int.from_bytes(data, "little")
    if s >= P or is_negative(s):
        raise Refused("a non-canonical element", "entries.elements")
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 * u1) - u2_sqr) % P
    was_square, invsqrt = sqrt_ratio(1, v * u2_sqr)
    den_x = invsqrt * u2 % P
    den_y = invsqrt * den_x * v % P
    x = absolute(2 * s * den_x)
    y = u1 * den_y % P
    t = x * y % P
    if not was_square or is_negative(t) or y == 0:
        raise Refused("bytes that encode no element", "entries.elements")
    return x, y, 1, t


def decode(data):
    """parameters.md, `Decode` of an element: the identity is refused."""
    p = decode_any(bytes(data))
    if is_identity(p):
        raise Refused("the identity", "entries.elements")
    return p


def decode_scalar(data):
    """parameters.md, `Decode` of a scalar."""
    value = int.from_bytes(data, "little")
    if len(data) != 32 or value >= L:
        raise Refused("a non-canonical scalar", "entries.scalars")
    return value


def element_map(data):
    """RFC 9496, section 4.3.4, MAP: 32 bytes, of which the top bit is ignored, to a point."""
    t = (int.from_bytes(data, "little") & (1 << 255) - 1) % P
    r = SQRT_M1 * t * t % P
    u = (r + 1) * (1 - D * D) % P
    v = (-1 - r * D) * (r + D) % P
    was_square, s = sqrt_ratio(u, v)
    c = -1
    if not was_square:
        s, c = -absolute(s * t), r
    n = (c * (r - 1) * (D - 1) ** 2 - v) % P
    w0, w1 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def from_uniform(data):
    """The one-way map of RFC 9496: 64 bytes to an element."""
    return add(element_map(data[:32]), element_map(data[32:]))


def expand_message_xmd(message, dst, length, algorithm=hashlib.sha512):
    """RFC 9380, section 5.3.1."""
    dst += bytes([len(dst)])
    b0 = algorithm(bytes(algorithm().block_size) + message + length.to_bytes(2, "big") + b"\0" + dst).digest()
    block = algorithm(b0 + b"\x01" + dst).digest()
    out = block
    for i in range(2, -(-length // len(block)) + 1):
        block = algorithm(bytes(a ^ b for a, b in zip(b0, block)) + bytes([i]) + dst).digest()
        out += block
    return out[:length]


@lru_cache(maxsize=None)
def hash_to_group(message):
    """parameters.md, `HashToGroup`."""
    return from_uniform(expand_message_xmd(message, b"Psephos-v1_ristretto255_XMD:SHA-512_R255MAP", 64))


G = decode_any(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
H = hash_to_group(b"H")
BLIND = hash_to_group(b"P")


def vector_generator(j):
    """P_j, from 1."""
    return hash_to_group(b"P" + str(j).encode())
