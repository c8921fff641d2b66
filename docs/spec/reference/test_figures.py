"""Figures: those of drawn answers are what the statistics of these answers say, rounded once by another program."""

import decimal
import json
import random
import statistics
import unittest
from fractions import Fraction
from pathlib import Path

import figures
from manifest import Manifest
from small_election import manifest_text
from small_survey import TEXT, coordinates, number, option

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
GROUPS = [{"id": "g", "title": TEXT}, {"id": "h", "title": TEXT}]


def in_group(contest, group):
    contest = {**contest, "question": contest["id"], "group": group, "id": contest["id"] + "-" + group}
    return contest | ({"of": [name + "-" + group for name in contest["of"]]} if "of" in contest else {})


ASKED = [number("income", -2_000, 90_000, decimals=2), number("age", 18, 100, decimals=1),
         {"id": "both", "kind": "product", "title": TEXT, "of": ["income", "age"]},
         number("hours", -5, 14, blank=True, buckets=[-5, 0, 5]),
         {"id": "scale", "kind": "choices", "title": TEXT, "min": 1, "max": 1, "blank": True,
          "options": [{**option("no", value=-3), "label": {"en": "=no"}}, option("maybe", value=0), option("yes", value=7)]},
         {"id": "rows", "kind": "matrix", "title": TEXT, "rows": [option("r"), option("s")], "blank": True,
          "options": [option("a", value=1), option("b", value=2)]}]
CONTESTS = [in_group(c, g) for g in ("g", "h") for c in ASKED]
MANIFEST = Manifest(manifest_text(contests=CONTESTS, groups=GROUPS, styles=[
    {"id": g, "contests": [c["id"] for c in CONTESTS if c["group"] == g]} for g in ("g", "h")]))


def half_away(value, digits):
    """A `Decimal` of many digits, rounded."""
    rounded = value.quantize(decimal.Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP)
    return str(abs(rounded) if rounded == 0 else rounded)


def as_decimal(fraction):
    return decimal.Decimal(fraction.numerator) / fraction.denominator


class Drawn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        decimal.getcontext().prec = 80
        draw = random.Random(9)
        cls.answers = {}
        cls.result = [(0, 0, None)] * len(MANIFEST.contests)
        for group, size in (("g", 23), ("h", 9)):
            cls.answers[group] = [{"income": draw.randrange(-2_000, 90_001), "age": draw.randrange(18, 101),
                                   "hours": draw.choice([None, *range(-5, 15)]),
                                   "scale": draw.choice([None, [1, 0, 0], [0, 1, 0], [0, 0, 1]]),
                                   "rows": [draw.randrange(3), draw.randrange(3)]} for _ in range(size)]
            for i, contest in enumerate(MANIFEST.contests):
                if contest.group == group:
                    totals = [0] * contest.width
                    for answer in cls.answers[group]:
                        for offset, value in enumerate(cls.values(contest, answer)):
                            totals[offset] += value
                    cls.result[i] = size, size, totals
        cls.exported = figures.export(MANIFEST, bytes(32), cls.result)

    @staticmethod
    def values(contest, answer):
        named = {f"{name}-{contest.group}": value for name, value in answer.items()}
        return coordinates([contest], named)[:contest.width]

    def of(self, name, exported=None):
        contest = next(c for c in (exported or self.exported)["contests"] if name in (c.get("id"), c.get("question")))
        return {(f["name"], f.get("row")): (f["value"], f["exact"]) for f in contest["figures"]}

    def test_numbers(self):
        for name, d in (("income", 2), ("age", 1), ("hours", 0)):
            for suffix, answers in (("-g", self.answers["g"]), ("-h", self.answers["h"]), ("", sum(self.answers.values(), []))):
                given = [Fraction(a[name], 10**d) for a in answers if a[name] is not None]
                mean, variance = statistics.mean(given), statistics.pvariance(given)
                root = half_away(as_decimal(variance).sqrt(), d + 2)
                self.assertEqual(self.of(name + suffix), {
                    ("sum", None): (half_away(as_decimal(sum(given)), d), figures.exact(sum(given))),
                    ("mean", None): (half_away(as_decimal(mean), d + 2), figures.exact(mean)),
                    ("variance", None): (half_away(as_decimal(variance), 2 * d + 2), figures.exact(variance)),
                    ("standard deviation", None): (root, figures.exact(variance))})

    def test_products(self):
        for suffix, answers in (("-g", self.answers["g"]), ("-h", self.answers["h"]), ("", sum(self.answers.values(), []))):
            x, y = [Fraction(a["income"], 100) for a in answers], [Fraction(a["age"], 10) for a in answers]
            mean_x, mean_y, n = statistics.mean(x), statistics.mean(y), len(x)
            covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / n
            v_x, v_y = statistics.pvariance(x), statistics.pvariance(y)
            slope = covariance / v_x
            intercept = mean_y - slope * mean_x
            square = covariance**2 / (v_x * v_y) * (1 if covariance > 0 else -1)
            root = as_decimal(abs(square)).sqrt().copy_sign(decimal.Decimal(1 if covariance > 0 else -1))
            self.assertEqual(self.of("both" + suffix), {
                ("covariance", None): (half_away(as_decimal(covariance), 5), figures.exact(covariance)),
                ("correlation", None): (half_away(root, 4), figures.exact(square)),
                ("slope", None): (half_away(as_decimal(slope), 4), figures.exact(slope)),
                ("intercept", None): (half_away(as_decimal(intercept), 4), figures.exact(intercept))})

    def test_scales(self):
        def expected(given, row=None):
            mean, variance = statistics.mean(given), statistics.pvariance(given)
            return {("mean", row): (half_away(as_decimal(mean), 2), figures.exact(mean)),
                    ("variance", row): (half_away(as_decimal(variance), 2), figures.exact(variance)),
                    ("standard deviation", row): (half_away(as_decimal(variance).sqrt(), 2), figures.exact(variance))}

        for suffix, answers in (("-g", self.answers["g"]), ("-h", self.answers["h"]), ("", sum(self.answers.values(), []))):
            given = [Fraction((-3, 0, 7)[a["scale"].index(1)]) for a in answers if a["scale"]]
            self.assertEqual(self.of("scale" + suffix), expected(given))
            rows = [[Fraction(1 + a["rows"][i]) for a in answers if a["rows"][i] < 2] for i in (0, 1)]
            self.assertEqual(self.of("rows" + suffix), expected(rows[0], 0) | expected(rows[1], 1))

    def test_what_is_closed_or_withheld_gives_nothing(self):
        def without(name, offset):
            result = [(b, w, list(t)) for b, w, t in self.result]
            i = next(i for i, c in enumerate(MANIFEST.contests) if c.id == name)
            if offset is None:
                result[i] = *result[i][:2], None
            else:
                result[i][2][offset] = None
            return figures.export(MANIFEST, bytes(32), result)

        exported = without("hours-g", 1)
        self.assertEqual((self.of("hours-g", exported), self.of("hours", exported)), ({}, {}))
        self.assertEqual(self.of("hours-h", exported), self.of("hours-h"))
        exported = without("hours-g", 3)
        self.assertEqual(self.of("hours", exported), self.of("hours"))
        exported = without("income-h", 1)
        self.assertEqual([name for name, _ in self.of("income-h", exported)], ["sum", "mean"])
        self.assertEqual((self.of("both-h", exported), self.of("both", exported)), ({}, {}))
        self.assertEqual(self.of("both-g", exported), self.of("both-g"))
        exported = without("rows-g", 0)
        self.assertEqual({row for _, row in self.of("rows-g", exported)}, {1})
        exported = without("scale-g", None)
        contest = next(c for c in exported["contests"] if c.get("question") == "scale")
        self.assertEqual((contest["opened"], contest["totals"], contest["figures"]), (False, [], []))
        self.assertIn("scale-g,g,,,,withheld,,\r\n", figures.as_csv(exported))

    def test_export(self):
        self.assertEqual(json.loads(json.dumps(self.exported)), self.exported)
        contests = self.exported["contests"]
        self.assertEqual([c.get("id") or c["question"] for c in contests], [c["id"] for c in CONTESTS] + [c["id"] for c in ASKED])
        self.assertEqual([("group" in c, "id" in c) for c in contests], [(True, True)] * 12 + [(False, False)] * 6)
        hours = next(c for c in contests if c.get("id") == "hours-g")
        self.assertEqual([(t["label"], t.get("from"), t.get("to")) for t in hours["totals"]],
                         [("sum of values", None, None), ("blank", None, None), ("sum of squares", None, None),
                          ("-5 to -1", -5, -1), ("0 to 4", 0, 4), ("5 to 14", 5, 14)])
        lines = figures.as_csv(self.exported).split("\r\n")
        self.assertEqual(lines[0], "contest,group,row,column,label,total,figure,value")
        self.assertTrue(any(line.startswith("scale,,,,'=no,") for line in lines))
        self.assertTrue(any(line.startswith("rows-h,h,1,2,blank,") for line in lines))


class Known(unittest.TestCase):
    """figures.json of the known answers."""

    def test_figures(self):
        known = json.loads((VECTORS / "figures.json").read_text(encoding="utf-8"))
        for case in known["cases"]:
            manifest = Manifest(case["manifest"].encode())
            result = [(r["ballots"], r["weight"], r["totals"]) for r in case["result"]]
            exported = figures.export(manifest, bytes.fromhex(known["election"]), result)
            with self.subTest(case["what"]):
                self.assertEqual(exported, case["figures.json"])
                self.assertEqual(figures.as_csv(exported), case["figures.csv"])


class Rounding(unittest.TestCase):
    def test_halves_go_away_from_zero(self):
        for value, digits, expected in (((1, 2), 0, "1"), ((-1, 2), 0, "-1"), ((1, 200), 2, "0.01"), ((-1, 200), 2, "-0.01"),
                                        ((-1, 201), 2, "0.00"), ((249, 100), 1, "2.5"), ((5, 1), 2, "5.00"), ((0, 1), 3, "0.000")):
            self.assertEqual(figures.rounded(Fraction(*value), digits), expected)

    def test_roots(self):
        for square, digits, expected in (((0, 1), 2, "0.00"), ((1, 4), 0, "1"), ((6, 25), 0, "0"), ((9, 4), 0, "2"), ((2, 1), 4, "1.4142"),
                                         ((1, 10**6), 2, "0.00"), ((25, 10**6), 2, "0.01"), ((10**24, 1), 0, "1000000000000")):
            self.assertEqual(figures.rounded_root(Fraction(*square), digits), expected)
        self.assertEqual(figures.rounded_root(Fraction(1, 10**10), 4, negative=True), "0.0000")


if __name__ == "__main__":
    unittest.main()
