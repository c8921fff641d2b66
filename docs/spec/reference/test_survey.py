"""Small surveys: a sound one is accepted and has the figures of its answers; each fault has its check."""

import copy
import json
import statistics
import unittest
from fractions import Fraction
from pathlib import Path

import check
import figures
from manifest import Manifest
from once import work_out_once
from proofs import ballot_equations
from report import CHECKS, OK
from ristretto import G, Refused, encode, multiply
from small_election import manifest_text
from small_survey import CONTESTS, TEXT, Ballot, SmallSurvey, number, option

setUpModule = work_out_once
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def rejecting(election):
    report = check.check_record(election.files())
    return {name for name in CHECKS if report.verdict(name) != OK}


class Whole(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.closed = SmallSurvey().through_close()

    def survey(self):
        survey = copy.copy(self.closed)
        survey.entries = list(self.closed.entries)
        return survey

    def test_a_sound_survey_is_accepted_and_has_the_figures_of_its_answers(self):
        report, election = check.check_files(self.survey().through_result().files())
        self.assertEqual([row for row in report.rows() if row["verdict"] != OK], [])
        exported = figures.export(election.manifest, election.election_id, election.result)
        by_id = {c["id"]: {f["name"]: f for f in c["figures"]} for c in exported["contests"]}
        answers = list(self.closed.ballots())
        for name in ("hours", "years", "age"):
            given = [Fraction(a[name], 10 if name == "hours" else 1) for a in answers if a[name] is not None]
            if name != "years":
                self.assertEqual(by_id[name]["sum"]["exact"], figures.exact(sum(given)))
            self.assertEqual(by_id[name]["mean"]["exact"], figures.exact(statistics.mean(given)))
            self.assertEqual(by_id[name]["variance"]["exact"], figures.exact(statistics.pvariance(given)))
        years, ages = ([a[name] for a in answers] for name in ("years", "age"))
        line = statistics.linear_regression(years, ages)
        self.assertAlmostEqual(float(by_id["years-age"]["slope"]["value"]), line.slope, 2)
        self.assertAlmostEqual(float(by_id["years-age"]["intercept"]["value"]), line.intercept, 2)
        self.assertEqual(by_id["years-age"]["correlation"]["value"], "1.0000")

    def test_places_of_previews_and_shares(self):
        survey = self.survey()
        survey.preview(1)
        survey.preview(1)
        self.assertEqual(rejecting(survey.through_result()), {"entries.once"})
        survey = self.survey()
        survey.preview(1, survey.entries[2][34:66] + bytes(100))
        self.assertEqual(rejecting(survey.through_result()), {"entries.length"})
        survey = self.survey().through_result()
        survey.preview(3)
        self.assertEqual(rejecting(survey), {"entries.phase"})

    def test_shares_close_the_same_cells(self):
        closed = self.closed.closed()
        more = [set(c) for c in closed]
        more[1].add(0)
        survey = self.survey()
        survey.share(3, more)  # another pattern, which is no fault
        self.assertEqual(rejecting(survey.through_result()), set())
        survey = self.survey()
        survey.share(1, more)
        survey.share(2)
        survey.result()
        self.assertEqual(rejecting(survey), {"shares.threshold", "shares.cells", "result.present", "result.ballots",
                                             "result.withheld", "result.totals"})

    def test_results(self):
        closed = self.closed.closed()
        fewer = [set() for _ in closed]
        self.assertEqual(rejecting(self.survey().through_result(fewer)), {"shares.cells"})
        right = self.closed.results()
        for change, expected in (((0, 1), "result.ballots"), ((1, 1), "result.ballots")):
            results = [list(r) for r in right]
            results[0][change[0]] += change[1]
            self.assertEqual(self.with_result(results), {expected})
        open_cell = next((i, o) for i, (_, _, totals) in enumerate(right) for o, t in enumerate(totals) if t is not None)
        for value, expected in ((None, "result.withheld"), (right[open_cell[0]][2][open_cell[1]] + 1, "result.totals")):
            results = [(b, w, list(t)) for b, w, t in right]
            results[open_cell[0]][2][open_cell[1]] = value
            self.assertEqual(self.with_result(results), {expected})

    def with_result(self, results):
        survey = self.survey()
        survey.share(1)
        survey.share(3)
        survey.result(results=results)
        return rejecting(survey)

    def test_unused_bits_of_closed_cells(self):
        survey = self.survey()
        survey.bitmap = lambda number, closed: bytes([SmallSurvey.bitmap(survey, number, closed)[0] | number < 1]) \
            + SmallSurvey.bitmap(survey, number, closed)[1:] if survey.manifest.guarded(number) else b""
        survey.share(3)
        del survey.bitmap
        self.assertEqual(rejecting(survey.through_result()), {"entries.fields"})


class Ballots(unittest.TestCase):
    """Ballots of which some are false, and the only equations that do not hold."""

    def fault(self, contests, expected, *false):
        style = {"id": "all", "contests": [c["id"] for c in contests]}
        manifest = Manifest(manifest_text(contests=contests, styles=[style]))
        keys = [encode(multiply(i + 2, G)) for i in range(manifest.positions)]
        ballot = Ballot(manifest, keys, bytes(32), 0, *false)
        _, faults = ballot_equations(bytes(32), 0, manifest.shapes[0], keys, ballot.credential, 1, bytes(32), ballot.alpha,
                                     ballot.betas, ballot.ranges, ballot.proof)
        self.assertEqual({check_id for check_id, _ in faults}, expected)
        return manifest

    def test_numbers(self):
        plain = [number("years", 0, 60)]
        for answer in (0, 60):
            self.fault(plain, set(), {"years": answer})
        for answer in (-1, 61, 255, 256):
            self.fault(plain, {"ballots.ranges"}, {"years": answer})
        self.fault(plain, {"ballots.linked"}, {"years": 7}, [8, 52])
        self.fault(plain, {"ballots.linked"}, {"years": 61}, [60, 0])
        blank = [number("years", 0, 60, blank=True)]
        self.fault(blank, set(), {"years": None})

        def set_blank(b):
            b[1] = 1

        self.fault(blank, {"ballots.ranges"}, {"years": 1}, None, set_blank)

        def false_square(b):
            b[1] += 1

        self.fault(plain, {"ballots.bits"}, {"years": 5}, None, false_square)

    def test_sizes_of_ranges(self):
        for high, bits in ((255, 8), (256, 16), (65_535, 16), (65_536, 32)):
            contests = [number("years", -2**53, high - 2**53, spread=False)]
            manifest = self.fault(contests, set(), {"years": high - 2**53})
            self.assertEqual(manifest.shapes[0].bits, bits)
            self.fault(contests, {"ballots.ranges"}, {"years": high + 1 - 2**53})

    def test_buckets(self):
        buckets = [number("years", 10, 60, buckets=[10, 20, 50], spread=False)]
        for answer in (10, 19, 20, 49, 50, 60):
            self.fault(buckets, set(), {"years": answer})

        def other_bucket(b):
            b[1], b[2] = b[2], b[1]

        for answer in (10, 19, 20, 49):
            self.fault(buckets, {"ballots.ranges"}, {"years": answer}, None, other_bucket)

        def no_bucket(b):
            b[1] = 0

        self.fault(buckets, {"ballots.limits", "ballots.ranges"}, {"years": 11}, None, no_bucket)

    def test_products_and_tables(self):
        contests = [CONTESTS[0], number("years", 0, 60, buckets=[0, 2, 30]), number("age", 18, 100),
                    {"id": "years-age", "kind": "product", "title": TEXT, "of": ["years", "age"]},
                    {"id": "t", "kind": "table", "title": TEXT, "of": ["place", "years"]}]
        answers = {"place": [0, 1, 0], "years": 2, "age": 100}
        self.fault(contests, set(), answers)

        def at(index, value):
            def change(b):
                b[index] = value
            return change

        product, cells = 3 + 5 + 2, 3 + 5 + 2 + 1
        self.fault(contests, {"ballots.bits"}, answers, None, at(product, 165))

        def other_cell(b):
            self.assertEqual(b[cells:], [0, 0, 0, 0, 1, 0, 0, 0, 0])
            b[cells + 4], b[cells + 5] = 0, 1

        self.fault(contests, {"ballots.limits"}, answers, None, other_cell)


class Rules(unittest.TestCase):
    def fault(self, contests=None, styles=None, **changes):
        """The check that a manifest fails, if any."""
        contests = CONTESTS if contests is None else contests
        styles = styles or [[c.get("id", "x") for c in contests]]
        try:
            Manifest(manifest_text(contests=contests, **changes,
                                   styles=[{"id": f"s{i}", "contests": s} for i, s in enumerate(styles)]))
        except Refused as reason:
            return reason.check or "manifest.rules"

    def changed(self, index, **changes):
        """All contests, one of them with changes; None takes a member away."""
        contests = copy.deepcopy(CONTESTS)
        contests[index].update(changes)
        for name, value in changes.items():
            if value is None:
                del contests[index][name]
        return self.fault(contests)

    def test_members_and_their_values(self):
        self.assertIsNone(self.fault())
        place, rows, hours, years, product, table = 0, 2, 3, 4, 6, 7
        encoding, rules = "manifest.encoding", "manifest.rules"
        scale = [option("a", value=-1), option("b", value=2), option("c", value=0)]
        for index, changes, expected in (
                (place, {"options": scale}, None), (place, {"options": scale[:2] + [option("c")]}, rules),
                (place, {"options": scale, "max": 2}, rules), (place, {"kind": "points", "max_per_option": 1,
                                                                       "options": scale}, encoding),
                (place, {"options": [option("a", value=10**6 + 1), option("b", value=0)]}, rules),
                (place, {"min": -1}, encoding), (place, {"rows": []}, encoding), (place, {"kind": "none"}, rules),
                (place, {"group": "g"}, encoding), (place, {"question": "q", "group": "g"}, encoding),
                (rows, {"rows": []}, rules), (rows, {"options": [option("a")]}, rules), (rows, {"min": 1}, encoding),
                (rows, {"rows": [option("r", value=1)]}, encoding), (rows, {"blank": None}, encoding),
                (rows, {"rows": [option("r"), option("r")]}, rules),
                (years, {"lo": -2**53 - 1}, encoding), (years, {"lo": 0.0}, encoding), (years, {"lo": 60}, rules),
                (years, {"lo": 61}, rules), (years, {"hi": 2**32 - 1}, None), (years, {"hi": 2**32}, rules),
                (years, {"decimals": 10}, rules), (years, {"decimals": -1}, encoding), (years, {"decimals": None}, encoding),
                (years, {"spread": 1}, rules), (years, {"step": 0}, rules), (years, {"step": 61}, rules),
                (years, {"step": 60}, None), (years, {"unit": {"fr": "ans"}}, rules), (years, {"unit": TEXT}, None),
                (years, {"buckets": [0]}, rules), (years, {"buckets": [0, 0]}, rules), (years, {"buckets": [1, 2]}, rules),
                (years, {"buckets": [0, 61]}, rules), (years, {"buckets": [0, 50]}, None),
                (years, {"buckets": [[-1], 2]}, encoding), (years, {"lo": [-1]}, encoding), (years, {"hi": {"lo": -1}}, rules),
                (hours, {"buckets": None}, rules), (years, {"spread": False}, rules), (years, {"blank": True}, rules),
                (product, {"of": ["years", "years"]}, rules), (product, {"of": ["years"]}, rules),
                (product, {"of": ["years", "nobody"]}, rules), (product, {"of": ["years", "hours"]}, rules),
                (product, {"of": ["years", "years-age"]}, rules), (product, {"of": "years"}, rules),
                (product, {"options": []}, encoding), (table, {"of": ["place", "years"]}, rules),
                (table, {"of": ["place", "help"]}, rules), (table, {"of": ["place", "place-hours"]}, rules)):
            self.assertEqual(self.changed(index, **changes), expected, (index, changes))

    def test_small_cells(self):
        def fault(contest):
            return self.fault([contest], minimum_cell=3, minimum_ballots=3)

        place = CONTESTS[0]
        points = {**place, "kind": "points", "max_per_option": 5}
        for change, expected in (({}, None), ({"blank": True}, None), ({"min": 0, "max": 3}, None),
                                 ({"min": 0, "max": 3, "blank": True}, "manifest.rules"), ({"min": 0}, "manifest.rules"),
                                 ({"min": 0, "max": 2}, "manifest.rules"), ({"min": 2, "max": 2}, "manifest.rules"),
                                 ({"min": 1, "max": 3}, "manifest.rules"), (points, None),
                                 ({**points, "blank": True}, "manifest.rules")):
            self.assertEqual(fault({**place, **change}), expected, change)
        for change, expected in (({}, None), ({"blank": True}, "manifest.rules"), ({"buckets": [0, 8]}, None),
                                 ({"blank": True, "buckets": [0, 8]}, None), ({"buckets": [0, 9]}, "manifest.rules"),
                                 ({"buckets": [0, 1, 8]}, "manifest.rules"), ({"buckets": [0, 4, 5, 8]}, "manifest.rules")):
            self.assertEqual(fault(number("n", 0, 9, **change)), expected, change)

    def test_minus_signs(self):
        text = manifest_text(contests=CONTESTS, styles=[{"id": "s", "contests": [c["id"] for c in CONTESTS]}]).decode()
        for old, new, expected in (('"lo": -5', '"lo": -0', "manifest.encoding"), ('"lo": -5', '"lo": -5.0', "manifest.encoding"),
                                   ('"lo": -5', '"lo": -6', "manifest.rules"),
                                   ('"threshold": 2', '"threshold": -2', "manifest.encoding"),
                                   ('"en": "A small election"', '"en": "x", "lo": -1', "manifest.rules")):
            self.assertIn(old, text)
            with self.assertRaises(Refused) as caught:
                Manifest(text.replace(old, new, 1).encode())
            self.assertEqual(caught.exception.check or "manifest.rules", expected, new)

    def test_styles_of_derived_contests(self):
        def swapped(i, k):
            contests = list(CONTESTS)
            contests[i], contests[k] = contests[k], contests[i]
            return contests

        self.assertEqual(self.fault(swapped(5, 6)), "manifest.rules")
        ids = [c["id"] for c in CONTESTS]
        self.assertEqual(self.fault(styles=[ids, ids[:4]]), "manifest.rules")
        self.assertEqual(self.fault(styles=[ids, ids[:3]]), "manifest.rules")
        self.assertIsNone(self.fault(styles=[ids, ids[1:3]]))
        self.assertEqual(self.fault(styles=[ids, ids[:4] + ids[6:]]), "manifest.rules")
        self.assertEqual(self.fault(contests=[CONTESTS[0] | {"options": [option("a")]}, number("n", 0, 9, buckets=[0, 5]),
                                              {"id": "t", "kind": "table", "title": TEXT, "of": ["place", "n"]}]), "manifest.rules")

    def test_examples(self):
        """Those of docs/examples, with the members that a program adds."""
        examples = [path for path in EXAMPLES.glob("*.json") if '"psephos": 3' in path.read_text(encoding="utf-8")]
        self.assertGreater(len(examples), 1)
        made = json.loads(manifest_text())
        for path in examples:
            example = json.loads(path.read_text(encoding="utf-8"))
            value = {**made, "witnesses": None, "witness_quorum": None, "close_quorum": 3, **example}
            value["organiser"] = {**made["organiser"], **example["organiser"]}
            text = json.dumps({name: v for name, v in value.items() if v is not None})
            with self.subTest(path.name):
                Manifest(text.encode()).check_quorum()

    def test_sixteen_numbers(self):
        numbers = [number(f"n{i}", 0, 9) for i in range(17)]
        self.assertIsNone(self.fault(numbers[:16]))
        self.assertEqual(self.fault(numbers), "manifest.rules")
        self.assertIsNone(self.fault(numbers, styles=[[f"n{i}" for i in range(16)], ["n16"]]))

    def test_groups_and_questions(self):
        groups = [{"id": "g", "title": TEXT}, {"id": "h", "title": TEXT}]

        def asked(group, suffix, changes=()):
            of = {"question": "q" + suffix, "group": group}
            return {**number(f"{suffix}{group}", 0, 9), **of, **dict(changes)}

        def product(group, one="a", two="b", **changes):
            return {"id": "p" + group, "kind": "product", "title": TEXT, "of": [one + group, two + group], "question": "p",
                    "group": group, **changes}

        def fault(*contests, **changes):
            styles = [[c["id"] for c in contests if c.get("group") == g] for g in ("g", "h")]
            return self.fault(list(contests), [s for s in styles if s], **{"groups": groups, **changes})

        of_g, of_h = (tuple(asked(g, s) for s in "ab") for g in "gh")
        self.assertIsNone(fault(*of_g, *of_h, product("g"), product("h")))
        self.assertEqual(fault(*of_g, *of_h, product("g"), product("h", "b", "a")), "manifest.rules")
        self.assertEqual(fault(*of_g, *of_h, groups=None), "manifest.encoding")
        self.assertEqual(fault(*of_g, *of_h, groups=groups[:1]), "manifest.rules")
        self.assertEqual(fault(*of_g, *of_h, groups=groups + groups[:1]), "manifest.rules")
        for change in ({"hi": 10}, {"decimals": 1}, {"spread": False}, {"blank": True}, {"buckets": [0, 5]}, {"group": "g"}):
            self.assertEqual(fault(of_g[0], asked("h", "a", change)), "manifest.rules", change)
        for change in ({"unit": TEXT}, {"step": 2}):
            self.assertIsNone(fault(of_g[0], asked("h", "a", change)))
        self.assertEqual(self.fault([of_g[0], asked("h", "a")], [["ag", "ah"]], groups=groups), "manifest.rules")
        without = number("bare", 0, 9)
        mixed = {"id": "m", "kind": "product", "title": TEXT, "of": ["ag", "bare"], "question": "m", "group": "g"}
        self.assertEqual(self.fault([of_g[0], without, mixed], groups=groups), "manifest.rules")

    def test_the_head_of_a_survey(self):
        for changes, expected in (({"minimum_cell": 2}, "manifest.rules"), ({"minimum_cell": 2, "minimum_ballots": 1}, "manifest.rules"),
                                  ({"minimum_cell": 2, "minimum_ballots": 2}, None), ({"minimum_cell": 1}, "manifest.rules"),
                                  ({"minimum_cell": 2**32}, "manifest.rules"), ({"minimum_cell": -2}, "manifest.encoding"),
                                  ({"participation": "registered"}, None), ({"participation": "open"}, "manifest.rules"),
                                  ({"participation": "registered", "issuers": [{"name": "a"}, {"name": "b"}]}, "manifest.rules"),
                                  ({"groups": []}, "manifest.rules"), ({"groups": [{"id": "g"}]}, "manifest.encoding"),
                                  ({"psephos": 2}, "manifest.rules"), ({"psephos": 4}, "manifest.rules")):
            self.assertEqual(self.fault(**changes), expected, changes)


if __name__ == "__main__":
    unittest.main()
