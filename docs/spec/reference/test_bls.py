"""BLS12-381: known answers of others, and the laws of groups and pairing."""

import unittest

import bls12_381 as bls
from bls12_381 import G, POSSESSION_TAG, R, SIGNATURE_TAG, combine, multiply, plus
from ristretto import Refused
from test_vectors import OUTSIDE


class KnownAnswers(unittest.TestCase):
    def test_hash_to_g2(self):
        v = OUTSIDE["hash to G2"]
        for answer in v["points"]:
            x, y = (tuple(int(part, 16) for part in answer[name]) for name in "xy")
            self.assertEqual(bls.hash_to_g2(answer["message"].encode(), v["tag"].encode()), (x, y))
            self.assertEqual(bls.decode_g2(bls.encode_g2((x, y))), (x, y))

    def test_signatures(self):
        v = OUTSIDE["BLS signatures"]
        messages = [bytes.fromhex(message) for message in v["messages"]]
        for key in v["keys"]:
            secret, public = int(key["secret"], 16), bls.decode_g1(bytes.fromhex(key["public"]))
            self.assertEqual(multiply(secret, G), public)
            for message, signature in zip(messages, key["signatures"]):
                signed = multiply(secret, bls.hash_to_g2(message, SIGNATURE_TAG))
                self.assertEqual(bls.encode_g2(signed).hex(), signature)
                bls.check_joint_signature(public, message, bytes.fromhex(signature))

    def test_bad_encodings_are_refused(self):
        v = OUTSIDE["BLS12-381 bad encodings"]
        for decode, group in ((bls.decode_g1, "G1"), (bls.decode_g2, "G2")):
            for bad in v[group]:
                with self.assertRaises(Refused, msg=bad):
                    decode(bytes.fromhex(bad))

    def test_both_signs_of_a_point_have_one_encoding_each(self):
        for point, encode, decode in ((G, bls.encode_g1, bls.decode_g1),
                                      (bls.hash_to_g2(b"x", SIGNATURE_TAG), bls.encode_g2, bls.decode_g2)):
            data, opposite = encode(point), encode(bls.minus(point))
            self.assertEqual(data[0] ^ opposite[0], 0x20)
            self.assertEqual((decode(data), decode(opposite)), (point, bls.minus(point)))


class Laws(unittest.TestCase):
    def setUp(self):
        self.point = bls.hash_to_g2(b"a point", SIGNATURE_TAG)

    def test_groups(self):
        for p in (G, self.point):
            self.assertIsNone(multiply(R, p))
            self.assertIsNone(plus(p, bls.minus(p)))
            self.assertEqual(plus(p, p), multiply(2, p))
            self.assertEqual(multiply(R - 1, p), bls.minus(p))
            self.assertEqual(combine([5, R + 2], [p, p]), multiply(7, p))
            self.assertEqual(plus(None, p), plus(p, None))

    def test_the_pairing_is_bilinear_and_not_degenerate(self):
        a, b, q = 123456789, R - 987654321, self.point
        self.assertTrue(bls.pairings_cancel([(multiply(a, G), multiply(b, q)), (bls.minus(multiply(a * b, G)), q)]))
        self.assertTrue(bls.pairings_cancel([(G, q), (multiply(a, G), q), (G, multiply(-a - 1, q))]))
        self.assertFalse(bls.pairings_cancel([(multiply(a, G), multiply(b, q)), (multiply(a * b, G), q)]))
        self.assertFalse(bls.pairings_cancel([(G, q)]))
        self.assertTrue(bls.pairings_cancel([(None, q), (G, None)]))

    def test_a_signature_is_of_one_key_message_and_tag(self):
        key, message = multiply(7, G), b"a message"
        signature = bls.encode_g2(multiply(7, bls.hash_to_g2(message, SIGNATURE_TAG)))
        bls.check_joint_signature(key, message, signature)
        for other in ((multiply(8, G), message, signature), (key, b"another", signature), (None, message, signature),
                      (key, message, bls.encode_g2(bls.minus(bls.decode_g2(signature)))),
                      (key, message, signature, POSSESSION_TAG)):
            with self.assertRaises(Refused):
                bls.check_joint_signature(*other)


if __name__ == "__main__":
    unittest.main()
