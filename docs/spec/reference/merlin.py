"""Merlin transcripts (ranges.md): Keccak-f[1600] of FIPS 202, and the three operations of STROBE-128 that they need."""

RATE = 166  # 200 - 2·16 bytes of Keccak's state, less two for the padding of STROBE
META, INPUT, ADDITIONAL, CIPHER = 16, 1, 2, 4
MASK = 2**64 - 1


def constants():
    """FIPS 202, sections 3.2.2 and 3.2.5: the turn of every lane, and what every round adds."""
    turns, x, y = [0] * 25, 1, 0
    for t in range(24):
        turns[x + 5 * y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    register, added = 1, []
    for _ in range(24):
        word = 0
        for j in range(7):
            word |= (register & 1) << (2**j - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        added.append(word)
    return turns, added


TURNS, ADDED = constants()


def keccak(state):
    """Keccak-f[1600] of 200 bytes."""
    a = [int.from_bytes(state[8 * i:8 * i + 8], "little") for i in range(25)]
    for constant in ADDED:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ (c[(x + 1) % 5] << 1 & MASK | c[(x + 1) % 5] >> 63) for x in range(5)]
        b = [0] * 25
        for i in range(25):
            x, y = i % 5, i // 5
            lane, turn = a[i] ^ d[x], TURNS[i]
            b[y + 5 * ((2 * x + 3 * y) % 5)] = (lane << turn | lane >> (64 - turn)) & MASK
        a = [b[i] ^ (~b[i // 5 * 5 + (i + 1) % 5] & b[i // 5 * 5 + (i + 2) % 5]) for i in range(25)]
        a[0] ^= constant
    return bytearray(b"".join(lane.to_bytes(8, "little") for lane in a))


class Strobe:
    def __init__(self, label):
        self.state = keccak(bytes([1, RATE + 2, 1, 0, 1, 96]) + b"STROBEv1.0.2" + bytes(182))
        self.at = self.begun = 0
        self.meta_ad(label)

    def permute(self):
        self.state[self.at] ^= self.begun
        self.state[self.at + 1] ^= 4
        self.state[RATE + 1] ^= 128
        self.state = keccak(self.state)
        self.at = self.begun = 0

    def absorb(self, data):
        for byte in data:
            self.state[self.at] ^= byte
            self.at += 1
            if self.at == RATE:
                self.permute()

    def begin(self, flags):
        begun, self.begun = self.begun, self.at + 1
        self.absorb([begun, flags])
        if flags & CIPHER and self.at:
            self.permute()

    def meta_ad(self, *parts):
        """One operation, of several parts where it is continued."""
        self.begin(META | ADDITIONAL)
        for part in parts:
            self.absorb(part)

    def ad(self, data):
        self.begin(ADDITIONAL)
        self.absorb(data)

    def prf(self, length):
        self.begin(INPUT | ADDITIONAL | CIPHER)
        out = bytearray()
        for _ in range(length):
            out.append(self.state[self.at])
            self.state[self.at] = 0
            self.at += 1
            if self.at == RATE:
                self.permute()
        return bytes(out)


class MerlinTranscript:
    def __init__(self, label):
        self.strobe = Strobe(b"Merlin v1.0")
        self.append_message("dom-sep", label.encode())

    def append_message(self, label, message):
        self.strobe.meta_ad(label.encode(), len(message).to_bytes(4, "little"))
        self.strobe.ad(message)

    def append_u64(self, label, number):
        self.append_message(label, number.to_bytes(8, "little"))

    def challenge_bytes(self, label, length):
        self.strobe.meta_ad(label.encode(), length.to_bytes(4, "little"))
        return self.strobe.prf(length)
