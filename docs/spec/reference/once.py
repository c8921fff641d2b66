"""For tests, which repeat the same equations many times: each is worked out once."""

import unittest
from functools import lru_cache
from unittest import mock

import ceremony
import ed25519
import fold
import proofs
import ristretto
import small_election
import tally


def work_out_once():
    """To be called from a `setUpModule`."""
    combine, multiply = lru_cache(maxsize=None)(ristretto.combine), lru_cache(maxsize=None)(ristretto.multiply)
    real, known = fold.ballot_equations, {}

    def ballot_equations(election, style, shape, keys, *rest):
        key = election, style, shape.encode(), tuple(keys), *(tuple(v) if type(v) is list else v for v in rest)
        if key not in known:
            known[key] = real(election, style, shape, keys, *rest)
        return known[key]

    cached = {"combine": lambda s, p: combine(tuple(s), tuple(p)), "multiply": multiply, "ballot_equations": ballot_equations}
    for module in (ceremony, ed25519, fold, proofs, small_election, tally):
        for name in set(cached) & set(vars(module)):
            patch = mock.patch.object(module, name, cached[name])
            patch.start()
            unittest.addModuleCleanup(patch.stop)
