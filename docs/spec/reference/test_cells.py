"""Small cells: what is closed, by hand, and that nothing that is closed follows from what is open."""

import collections
import json
import random
import unittest
from fractions import Fraction
from pathlib import Path

from cells import Guard
from manifest import Manifest
from small_election import manifest_text
from small_survey import TEXT, number, option

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def choices(name, count, **more):
    return {"id": name, "kind": "choices", "title": TEXT, "options": [option(f"o{i}") for i in range(count)], "min": 1,
            "max": 1, "blank": False, **more}


def table(first, second):
    return {"id": "t", "kind": "table", "title": TEXT, "of": [first, second]}


def made(i, known):
    """The contest of this number that cells.json describes."""
    name, blank = f"c{i}", known.get("blank", False)
    labelled = [option(f"o{k}") for k in range(known["cells"])]
    if known["kind"] == "one of":
        return choices(name, known["cells"] - blank, blank=blank)
    if known["kind"] == "approval":
        return choices(name, known["cells"], min=0, max=known["cells"])
    if known["kind"] == "matrix":
        return {"id": name, "kind": "matrix", "title": TEXT, "rows": labelled[:known["cells"] // known["row"]],
                "options": labelled[:known["row"] - blank], "blank": blank}
    if known["kind"] == "buckets":
        return number(name, 0, 99, blank=blank, buckets=list(range(0, 2 * (known["cells"] - blank), 2)))
    return {**table(*(f"c{k}" for k in known["of"])), "id": name}


def parts(total, count):
    """All lists of so many counts with this sum."""
    if count == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in parts(total - first, count - 1):
            yield first, *rest


class Cells(unittest.TestCase):
    def guard(self, contests, ballots, smallest=5):
        style = {"id": "s", "contests": [c["id"] for c in contests]}
        manifest = Manifest(manifest_text(contests=contests, styles=[style], minimum_cell=smallest, minimum_ballots=smallest))
        return Guard(manifest, range(len(contests)), [ballots] * len(contests))

    def closed(self, contests, counts, ballots, smallest=5):
        """The numbers of the cells that are closed, of all cells in order."""
        guard = self.guard(contests, ballots, smallest)
        self.assertEqual(len(counts), len(guard.cells))
        counts = dict(zip(guard.cells, counts))
        still_open = guard.close(counts)
        self.assertEqual(list(guard.faults(still_open)), [])
        for cell in still_open:  # and nothing more is open than may be: each is open for itself
            self.assertFalse(guard.stays_closed(cell, counts[cell]))
        return [i for i, cell in enumerate(guard.cells) if cell not in still_open]

    def test_one_of_n(self):
        for counts, expected in (([20, 20, 20], []), ([3, 20, 37], [0, 1]), ([37, 3, 20], [1, 2]), ([20, 20, 3], [0, 2]),
                                 ([3, 6, 51], [0, 1]), ([3, 5, 52], [0, 1, 2]), ([4, 4, 52], [0, 1, 2]), ([0, 0, 60], [0, 1, 2]),
                                 ([0, 9, 9], [0, 1]), ([0, 8, 9], [0, 1, 2])):
            self.assertEqual(self.closed([choices("c", 3)], counts, sum(counts)), expected, counts)

    def test_known_patterns(self):
        """cells.json."""
        for known in json.loads((VECTORS / "cells.json").read_text(encoding="utf-8"))["patterns"]:
            guard = self.guard([made(i, contest) for i, contest in enumerate(known["contests"])], known["ballots"],
                               known["minimum_cell"])
            counts = dict(zip(guard.cells, known["counts"], strict=True))
            still_open = guard.close(counts)
            with self.subTest(known["name"]):
                self.assertEqual([int(cell not in still_open) for cell in guard.cells], known["closed"])
                for cell, expected in zip(guard.cells, known["fault with the n-th cell turned"], strict=True):
                    turned = {**still_open, cell: counts[cell]}
                    if cell in still_open:
                        del turned[cell]
                    faults = list(guard.faults(turned))
                    found = "small" if any("is open" in f for f in faults) else "leak" if faults else "none"
                    self.assertEqual(found, expected, cell)

    def test_blanks(self):
        contest = [choices("c", 2, blank=True)]
        for counts, expected in (([30, 30, 0], []), ([30, 30, 1], []), ([3, 30, 4], [0, 1]), ([3, 3, 50], [0, 1, 2]),
                                 ([9, 0, 50], [0, 1]), ([8, 0, 50], [0, 1, 2])):
            self.assertEqual(self.closed(contest, counts, sum(counts)), expected, counts)
        # The guarded positions of a number: its blank, then its buckets.
        contest = [number("n", 0, 9, blank=True, buckets=[0, 4, 6])]
        for counts, expected in (([1, 20, 20, 20], []), ([1, 20, 3, 20], [2, 3]), ([57, 1, 0, 0], [0, 1, 2, 3])):
            self.assertEqual(self.closed(contest, counts, sum(counts)), expected, counts)

    def test_approval(self):
        contest = [choices("c", 3, min=0, max=3)]
        for counts, expected in (([20, 20, 0], [2]), ([58, 5, 53], [0]), ([53, 54, 4], [1, 2])):
            self.assertEqual(self.closed(contest, counts, 58), expected, counts)

    def test_matrix_rows_are_apart(self):
        contest = [{"id": "m", "kind": "matrix", "title": TEXT, "rows": [option("r"), option("s")],
                    "options": [option("a"), option("b"), option("c")], "blank": False}]
        self.assertEqual(self.closed(contest, [1, 9, 10, 5, 5, 10], 20), [0, 1])

    def test_a_table_of_which_two_lines_give_a_cell_away(self):
        rows = [[3, 3, 10, 10], [3, 3, 1, 10], [10, 10, 3, 3], [10, 10, 3, 3]]
        columns = list(zip(*rows))
        counts = [sum(row) for row in rows] + [sum(column) for column in columns] + [cell for row in rows for cell in row]
        contests = [choices("c", 4), choices("d", 4), table("c", "d")]
        small = [8 + i for i, count in enumerate(counts[8:]) if count < 5]
        closed = self.closed(contests, counts, sum(map(sum, rows)))
        self.assertEqual(len(small), 9)
        self.assertLess(set(small), set(closed))
        guard = self.guard(contests, sum(map(sum, rows)))
        open_but_small = {cell: count for cell, count in zip(guard.cells, counts) if count >= 5}
        self.assertEqual(guard.determined(open_but_small), {(2, 6)})
        self.assertNotEqual(list(guard.faults(open_but_small)), [])

    def test_a_closed_margin_closes_its_line(self):
        # Category 2 of c is closed beside the small category 1, and so are its cells.
        rows = [[20, 20, 20], [2, 0, 0], [6, 6, 6]]
        counts = [60, 2, 18, 28, 26, 26] + [cell for row in rows for cell in row]
        contests = [choices("c", 3), choices("d", 3), table("c", "d")]
        closed = self.closed(contests, counts, 80)
        self.assertLessEqual({1, 2, *range(9, 15)}, set(closed))
        self.assertNotIn(0, closed)

    def determined_by_the_rule(self, contests, all_counts, ballots, smallest):
        """How many closed cells there are in all these surveys, and how many have one value where the same is shown."""
        guard, seen = self.guard(contests, ballots, smallest), collections.defaultdict(list)
        for counts in all_counts:
            still_open = guard.close(dict(zip(guard.cells, counts)))
            seen[tuple(still_open.get(cell) for cell in guard.cells)].append(counts)
        closed = determined = 0
        for shown, surveys in seen.items():
            for values in (column for count, column in zip(shown, zip(*surveys)) if count is None):
                closed += len(values)
                determined += len(values) * (len(set(values)) == 1)
        return closed, determined

    def test_who_knows_the_rule_finds_no_closed_count_of_a_line(self):
        for contest, cells, ballots in ((choices("c", 3), 3, 17), (choices("c", 4), 4, 12), (choices("c", 2, blank=True), 3, 14),
                                        (number("n", 0, 9, blank=True, buckets=[0, 4, 6]), 4, 11)):
            for smallest in (2, 3, 4):
                closed, determined = self.determined_by_the_rule([contest], parts(ballots, cells), ballots, smallest)
                self.assertGreater(closed, 50)
                self.assertEqual(determined, 0, (contest["id"], cells, smallest))

    def test_who_knows_the_rule_finds_few_of_a_small_table(self):
        def tables():
            for cells in parts(9, 6):
                yield (sum(cells[:3]), sum(cells[3:]), *(a + b for a, b in zip(cells, cells[3:])), *cells)

        contests = [choices("c", 2), choices("d", 3), table("c", "d")]
        closed, determined = self.determined_by_the_rule(contests, tables(), 9, 2)
        self.assertLess(determined, closed / 100)

    def test_nothing_closed_follows_from_sums(self):
        """Drawn tables: with the sums of all lines known, no closed cell has one value alone (rational elimination)."""
        draw = random.Random(4)
        for _ in range(60):
            size = draw.choice((2, 3, 4)), draw.choice((2, 3, 4))
            rows = [[draw.choice((0, 1, 3, 6, 9, 30)) for _ in range(size[1])] for _ in range(size[0])]
            counts = [sum(r) for r in rows] + [sum(c) for c in zip(*rows)] + [cell for row in rows for cell in row]
            contests = [choices("c", size[0]), choices("d", size[1]), table("c", "d")]
            guard = self.guard(contests, sum(map(sum, rows)))
            still_open = guard.close(dict(zip(guard.cells, counts)))
            closed = [cell for cell in guard.cells if cell not in still_open]
            equations = []
            for line in guard.lines:
                equations.append([Fraction((cell in line.cells) - (cell == line.margin)) for cell in closed])
            for k in range(len(closed)):
                self.assertFalse(self.follows(equations, k), (rows, closed[k]))

    @staticmethod
    def follows(equations, k):
        """Is the k-th unit vector in the span of the rows?"""
        rows = [list(row) for row in equations] + [[Fraction(int(i == k)) for i in range(len(equations[0]))]] if equations else []
        rank, last = 0, None
        for column in range(len(rows[0]) if rows else 0):
            pivot = next((i for i in range(rank, len(rows) - 1) if rows[i][column]), None)
            if pivot is None:
                continue
            rows[rank], rows[pivot] = rows[pivot], rows[rank]
            for i in range(len(rows)):
                if i != rank and rows[i][column]:
                    factor = rows[i][column] / rows[rank][column]
                    rows[i] = [a - factor * b for a, b in zip(rows[i], rows[rank])]
            rank += 1
        last = rows[-1] if rows else [1]
        return not any(last)


if __name__ == "__main__":
    unittest.main()
