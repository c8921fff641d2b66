"""BLS12-381: its groups, hash_to_G2 of RFC 9380, the optimal ate pairing, and joint signatures (parameters.md).

Plain and slow, from Python's integers alone; nothing here is constant-time. An element of Fp2 = Fp[i]/(i² + 1) is a
pair (a, b) for a + b·i. A point is a pair of these, or None for the identity: of G1, on y² = x³ + 4, with b = 0 in
both; of G2, on y² = x³ + 4(1 + i). An element of Fp12 = Fp2[w]/(w⁶ − (1 + i)) is a list of six elements of Fp2.
"""

import hashlib
from functools import lru_cache

from ristretto import Refused, expand_message_xmd

X = -0xD201000000010000  # the curve's parameter; all others follow from it
R = X**4 - X**2 + 1
P = (X - 1) ** 2 * R // 3 + X
G1_BYTES, G2_BYTES = 48, 96
SIGNATURE_TAG = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"
POSSESSION_TAG = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"


# Fp2

ZERO, ONE = (0, 0), (1, 0)


def add(a, b):
    return (a[0] + b[0]) % P, (a[1] + b[1]) % P


def sub(a, b):
    return (a[0] - b[0]) % P, (a[1] - b[1]) % P


def mul(a, b):
    return (a[0] * b[0] - a[1] * b[1]) % P, (a[0] * b[1] + a[1] * b[0]) % P


def square(a):
    return (a[0] + a[1]) * (a[0] - a[1]) % P, 2 * a[0] * a[1] % P


def times(n, a):
    return n * a[0] % P, n * a[1] % P


def negate(a):
    return -a[0] % P, -a[1] % P


def inverse(a):
    n = pow(a[0] * a[0] + a[1] * a[1], -1, P)
    return a[0] * n % P, -a[1] * n % P


def power2(a, n):
    result = ONE
    for bit in bin(n)[2:]:
        result = square(result)
        if bit == "1":
            result = mul(result, a)
    return result


def fp_root(a):
    """A square root mod P (which is 3 mod 4), or None."""
    r = pow(a, (P + 1) // 4, P)
    return r if r * r % P == a % P else None


def root(a):
    """A square root in Fp2, or None."""
    if a[1] == 0:
        r = fp_root(a[0])
        return (r, 0) if r is not None else (0, fp_root(-a[0]))  # -1 is no square mod P
    norm = fp_root(a[0] * a[0] + a[1] * a[1])
    if norm is None:
        return None
    half = pow(2, -1, P)
    r = fp_root((a[0] + norm) * half)
    if r is None:
        r = fp_root((a[0] - norm) * half)
    return r, a[1] * pow(2 * r, -1, P) % P


# Points. Neither doubling nor addition uses the constant of the curve, so G1 and G2 share them. Both curves have an odd
# number of points, so none with y = 0.


def chord(p, q):
    """The slope of the line through two points, or None where it meets the curve in the identity."""
    if p[0] != q[0]:
        return mul(sub(q[1], p[1]), inverse(sub(q[0], p[0])))
    if p[1] != q[1]:
        return None
    return mul(times(3, square(p[0])), inverse(times(2, p[1])))


def third(p, q, slope):
    """The sum of two points from the slope of the line through them."""
    x = sub(sub(square(slope), p[0]), q[0])
    return x, sub(mul(slope, sub(p[0], x)), p[1])


def plus(p, q):
    if p is None or q is None:
        return q if p is None else p
    slope = chord(p, q)
    return None if slope is None else third(p, q, slope)


def minus(p):
    return p and (p[0], negate(p[1]))


@lru_cache(maxsize=100_000)
def multiply(n, p):
    """n times a point, in Jacobian coordinates (X/Z², Y/Z³) up to the end."""
    if n < 0:
        return multiply(-n, minus(p))
    total = None
    for bit in bin(n)[2:] if p else "":
        if total:
            x, y, z = total
            a, b = square(x), square(y)
            c, d, e = square(b), times(4, mul(x, b)), times(3, a)
            x3 = sub(square(e), times(2, d))
            total = x3, sub(mul(e, sub(d, x3)), times(8, c)), times(2, mul(y, z))
        if bit == "1":
            total = jacobian_plus(total, p)
    if total is None:
        return None
    z = inverse(total[2])
    return mul(total[0], square(z)), mul(total[1], mul(z, square(z)))


def jacobian_plus(total, p):
    if total is None:
        return *p, ONE
    x, y, z = total
    zz = square(z)
    h, r = sub(mul(p[0], zz), x), sub(mul(p[1], mul(z, zz)), y)
    if h == ZERO:
        affine = mul(x, inverse(zz)), mul(y, inverse(mul(z, zz)))
        result = plus(affine, p)
        return result and (*result, ONE)
    hh = square(h)
    hhh, v = mul(h, hh), mul(x, hh)
    x3 = sub(sub(square(r), hhh), times(2, v))
    return x3, sub(mul(r, sub(v, x3)), mul(y, hhh)), mul(z, h)


def combine(scalars, points):
    total = None
    for n, p in zip(scalars, points):
        total = plus(total, multiply(n % R, p))
    return total


# Encodings: those of ZCash, compressed


def is_larger(y):
    """Whether y is the larger one of y and −y, looked at from the coefficient of i on."""
    return y[1] > (P - 1) // 2 or (y[1] == 0 and y[0] > (P - 1) // 2)


def _decode(data, size, constant):
    if len(data) != size:
        raise Refused(f"a point of {size} bytes is expected")
    if data[0] >> 6 != 0b10:
        raise Refused("not the compressed encoding of a point other than the identity", "entries.elements")
    parts = [data[at:at + 48] for at in range(0, size, 48)]
    parts[0] = bytes([data[0] & 0x1F]) + parts[0][1:]
    numbers = [int.from_bytes(part, "big") for part in parts]
    if any(number >= P for number in numbers):
        raise Refused("a non-canonical coordinate", "entries.elements")
    x = (numbers[-1], numbers[0] if len(numbers) > 1 else 0)
    y = root(add(mul(square(x), x), constant))
    if y is None or (size == G1_BYTES and y[1]):
        raise Refused("bytes that encode no point of the curve", "entries.elements")
    if is_larger(y) != bool(data[0] & 0x20):
        y = negate(y)
    if multiply(R, (x, y)) is not None:
        raise Refused("a point outside the group", "entries.elements")
    return x, y


@lru_cache(maxsize=10_000)
def decode_g1(data):
    return _decode(data, G1_BYTES, (4, 0))


@lru_cache(maxsize=10_000)
def decode_g2(data):
    return _decode(data, G2_BYTES, (4, 4))


def _encode(p, numbers):
    if p is None:
        return bytes([0xC0]) + bytes(48 * len(numbers) - 1)
    out = b"".join(number.to_bytes(48, "big") for number in numbers)
    return bytes([out[0] | 0x80 | 0x20 * is_larger(p[1])]) + out[1:]


def encode_g1(p):
    return _encode(p, [p[0][0] if p else 0])


def encode_g2(p):
    return _encode(p, [p[0][1], p[0][0]] if p else [0, 0])


G = decode_g1(bytes.fromhex("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
                            "6c55e83ff97a1aeffb3af00adb22c6bb"))


# RFC 9380, BLS12381G2_XMD:SHA-256_SSWU_RO_

ISO_A, ISO_B, ISO_Z = (0, 240), (1012, 1012), (P - 2, P - 1)
COFACTOR = (X**8 - 4 * X**7 + 5 * X**6 - 4 * X**4 + 6 * X**3 - 4 * X**2 - 4 * X + 13) // 9
H_EFF = COFACTOR * 3 * (X**2 - 1)


def sgn0(a):
    return a[0] & 1 if a[0] else a[1] & 1


def curve_map(u):
    """Section 6.6.2: an element of Fp2 to a point of y² = x³ + 240i·x + 1012(1 + i)."""
    zu = mul(ISO_Z, square(u))
    tv = add(square(zu), zu)
    if tv == ZERO:
        x = mul(ISO_B, inverse(mul(ISO_Z, ISO_A)))
    else:
        x = mul(negate(mul(ISO_B, inverse(ISO_A))), add(ONE, inverse(tv)))

    def value(x):
        return add(mul(add(square(x), ISO_A), x), ISO_B)

    y = root(value(x))
    if y is None:
        x = mul(zu, x)
        y = root(value(x))
    return x, y if sgn0(y) == sgn0(u) else negate(y)


def isogeny(p):
    """Section E.3, which is Vélu's isogeny with the kernel at x = −6 + 6i, and then x/9 and −y/27."""
    x0 = (P - 6, 6)
    t = add(times(6, square(x0)), times(2, ISO_A))
    u = times(4, add(mul(add(square(x0), ISO_A), x0), ISO_B))
    if p[0] == x0:
        return None
    d = inverse(sub(p[0], x0))
    dd = square(d)
    x = add(p[0], add(mul(t, d), mul(u, dd)))
    y = mul(p[1], sub(ONE, add(mul(t, dd), times(2, mul(u, mul(d, dd))))))
    return times(pow(9, -1, P), x), times(pow(-27, -1, P), y)


@lru_cache(maxsize=10_000)
def hash_to_g2(message, tag):
    data = expand_message_xmd(message, tag, 256, hashlib.sha256)
    e = [int.from_bytes(data[at:at + 64], "big") % P for at in range(0, 256, 64)]
    # The isogeny is a homomorphism, so the two points may also be added after it.
    return multiply(H_EFF, plus(isogeny(curve_map((e[0], e[1]))), isogeny(curve_map((e[2], e[3])))))


# Fp12 and the pairing


def mul12(f, g):
    real, imaginary = [0] * 11, [0] * 11
    for i, (a, b) in enumerate(f):
        if a or b:
            for j, (c, d) in enumerate(g, i):
                real[j] += a * c - b * d
                imaginary[j] += a * d + b * c
    return reduce12(real, imaginary)


def square12(f):
    real, imaginary = [0] * 11, [0] * 11
    for i, (a, b) in enumerate(f):
        real[2 * i] += (a + b) * (a - b)
        imaginary[2 * i] += 2 * a * b
        a, b = 2 * a, 2 * b
        for j, (c, d) in enumerate(f[i + 1:], 2 * i + 1):
            real[j] += a * c - b * d
            imaginary[j] += a * d + b * c
    return reduce12(real, imaginary)


def reduce12(real, imaginary):
    """From the coefficients of w⁰ to w¹⁰."""
    for k in range(10, 5, -1):  # w⁶ = 1 + i
        real[k - 6] += real[k] - imaginary[k]
        imaginary[k - 6] += real[k] + imaginary[k]
    return [(real[k] % P, imaginary[k] % P) for k in range(6)]


def power12(f, n):
    result = f
    for bit in bin(n)[3:]:
        result = square12(result)
        if bit == "1":
            result = mul12(result, f)
    return result


def conjugate(f):
    """f^(P⁶)."""
    return [negate(c) if k % 2 else c for k, c in enumerate(f)]


def frobenius(f):
    """f^P: takes i to −i and w to GAMMA·w."""
    return [mul(g, (c[0], -c[1])) for g, c in zip(GAMMAS, f)]


ONE12 = [ONE] + [ZERO] * 5
GAMMAS = [power2((1, 1), k * (P - 1) // 6) for k in range(6)]


def inverse12(f):
    """By the norm of f, the product of its six conjugates over Fp2."""
    others = other = frobenius(frobenius(f))
    for _ in range(4):
        other = frobenius(frobenius(other))
        others = mul12(others, other)
    n = inverse(mul12(f, others)[0])
    return [mul(n, c) for c in others]


def is_one_in_the_end(f):
    """Whether f^((P¹² − 1)/R) = 1, or rather its cube, which says the same as 3 does not divide R.

    3(P⁴ − P² + 1)/R = (X − 1)²·(X + P)·(X² + P² − 1) + 3 (Hayashida–Hayasaka–Teruya, ePrint 2020/875). After the first
    two lines f^(P⁶) is the inverse of f.
    """
    f = mul12(conjugate(f), inverse12(f))
    f = mul12(frobenius(frobenius(f)), f)
    a = power12(power12(f, 1 - X), 1 - X)
    b = mul12(frobenius(a), conjugate(power12(a, -X)))
    c = mul12(mul12(power12(power12(b, -X), -X), frobenius(frobenius(b))), conjugate(b))
    return mul12(c, power12(f, 3)) == ONE12


def line(t, slope, p):
    """The line of this slope through t, at p, up to factors that the final exponentiation removes."""
    return [sub(mul(slope, t[0]), t[1]), ZERO, times(-p[0][0], slope), p[1], ZERO, ZERO]


def pairings_cancel(pairs):
    """Whether the product of e(P, Q) over pairs of a point of G1 and one of G2 is 1.

    X is negative, which would invert every factor; so its sign is left out.
    """
    pairs = [(p, q) for p, q in pairs if p and q]
    f, points = ONE12, [q for _, q in pairs]
    for bit in bin(-X)[3:]:
        f = square12(f)
        for k, (p, q) in enumerate(pairs):
            for other in [points[k], q] if bit == "1" else [points[k]]:
                slope = chord(points[k], other)
                f = mul12(line(points[k], slope, p), f)
                points[k] = third(points[k], other, slope)
    return is_one_in_the_end(f)


# parameters.md, "Joint signatures"


@lru_cache(maxsize=10_000)
def holds(key, message, signature, tag=SIGNATURE_TAG):
    """`Verify`, of a key and a signature that are points."""
    return pairings_cancel([(key, hash_to_g2(message, tag)), (minus(G), signature)])


def check_joint_signature(key, message, signature, tag=SIGNATURE_TAG):
    """Refuses unless the encoded signature on the message holds under the point `key`."""
    if not holds(key, message, decode_g2(signature), tag):
        raise Refused("the joint signature does not hold")
