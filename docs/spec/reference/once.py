"""For tests, which repeat the same equations many times: each is worked out once."""

import unittest
from functools import lru_cache
from unittest import mock

import fold
import proofs
import small_election


def work_out_once():
    """To be called from a `setUpModule`."""
    combine, multiply = lru_cache(maxsize=None)(proofs.combine), lru_cache(maxsize=None)(small_election.multiply)
    real, known = fold.ballot_equations, {}

    def ballot_equations(election, style, shape, keys, *rest):
        key = election, style, shape.encode(), tuple(keys), *(tuple(v) if type(v) is list else v for v in rest)
        if key not in known:
            known[key] = real(election, style, shape, keys, *rest)
        return known[key]

    for module, name, cached in ((proofs, "combine", lambda s, p: combine(tuple(s), tuple(p))),
                                 (small_election, "multiply", multiply), (fold, "ballot_equations", ballot_equations)):
        patch = mock.patch.object(module, name, cached)
        patch.start()
        unittest.addModuleCleanup(patch.stop)
