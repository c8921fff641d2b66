#!/usr/bin/env python3
"""Figures of a result (figures.md): `python3 figures.py RECORD [--csv]` prints them for an accepted record.

Everything is a fraction until it is rounded, once.
"""

import csv
import io
import json
import sys
from fractions import Fraction

# Unicode's property White_Space; str.isspace() has four characters more.
WHITE_SPACE = "".join(map(chr, [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]))


def rounded(value, digits):
    """A fraction as decimal text, half away from zero."""
    scaled = abs(value) * 10**digits
    return shown((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator), digits, value < 0)


def rounded_root(square, digits, negative=False):
    """The root of a fraction that is not negative: the greatest r with (2r - 1)² <= 4·square·10^2k, or 0."""
    scaled = 4 * square * 10 ** (2 * digits)
    low, high = 0, 1
    while (2 * high - 1) ** 2 <= scaled:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (2 * middle - 1) ** 2 <= scaled else (low, middle)
    return shown(low, digits, negative)


def shown(number, digits, negative):
    text = str(number).rjust(digits + 1, "0")
    point = len(text) - digits
    return "-" * (negative and number > 0) + text[:point] + ("." + text[point:] if digits else "")


def exact(value):
    return f"{value.numerator}/{value.denominator}"


class Sheet:
    """The totals of a contest, or of those of a question position by position; None where closed or withheld."""

    def __init__(self, contest, results):
        self.contest = contest
        self.ballots, self.weight = sum(r[0] for r in results), sum(r[1] for r in results)
        self.opened = all(totals is not None for _, _, totals in results)
        self.totals = [None] * contest.width
        if self.opened:
            columns = zip(*(totals for _, _, totals in results))
            self.totals = [None if None in column else sum(column) for column in columns]


class Figures:
    def __init__(self):
        self.items = []

    def add(self, name, value, digits, row=None):
        self.put(name, rounded(value, digits), exact(value), row)

    def add_root(self, name, square, digits, row=None, negative=False):
        self.put(name, rounded_root(square, digits, negative), exact(-square if negative else square), row)

    def put(self, name, text, fraction, row):
        place = {} if row is None else {"row": row}
        self.items.append({"name": name, **place, "value": text, "exact": fraction})

    def spread(self, variance, digits, row=None):
        """Digits are those of the answers."""
        self.add("variance", variance, 2 * digits + 2, row)
        self.add_root("standard deviation", variance, digits + 2, row)


def moments(sheet):
    """Of a number: n, its sum S and sum of squares Q, each None where it is not known."""
    contest, totals = sheet.contest, sheet.totals
    blank = totals[1] if contest.blank else 0
    n = None if blank is None or not sheet.opened else sheet.weight - blank
    return n, totals[0], totals[contest.square] if contest.spread else None


def number_figures(sheet, figures):
    contest, (n, total, squares) = sheet.contest, moments(sheet)
    unit, d = Fraction(1, 10**contest.decimals), contest.decimals
    if n is None or total is None:
        return
    figures.add("sum", (n * contest.lo + total) * unit, d)
    if n:
        figures.add("mean", (contest.lo + Fraction(total, n)) * unit, d + 2)
        if squares is not None:
            figures.spread(Fraction(n * squares - total**2, n**2) * unit**2, d)


def scale_figures(values, counts, figures, row=None):
    if values is None or None in counts or not sum(counts):
        return
    n = sum(counts)
    first, second = (sum(v**k * c for v, c in zip(values, counts)) for k in (1, 2))
    figures.add("mean", Fraction(first, n), 2, row)
    figures.spread(Fraction(n * second - first**2, n**2), 0, row)


def product_figures(sheet, bases, figures):
    x, y = (base.contest for base in bases)
    (n, s_x, q_x), (_, s_y, q_y), z = moments(bases[0]), moments(bases[1]), sheet.totals[0]
    if not n or None in (s_x, q_x, s_y, q_y, z):
        return
    d_x, d_y = x.decimals, y.decimals
    shared, v_x, v_y = n * z - s_x * s_y, n * q_x - s_x**2, n * q_y - s_y**2
    figures.add("covariance", Fraction(shared, n**2) / 10 ** (d_x + d_y), d_x + d_y + 2)
    if v_x and v_y:
        figures.add_root("correlation", Fraction(shared**2, v_x * v_y), 4, negative=shared < 0)
    if v_x:
        slope = Fraction(shared, v_x)
        intercept = y.lo + Fraction(s_y, n) - slope * (x.lo + Fraction(s_x, n))
        figures.add("slope", slope * Fraction(10) ** (d_x - d_y), max(d_x, d_y) + 2)
        figures.add("intercept", intercept / 10**d_y, max(d_x, d_y) + 2)


def figures_of(sheet, bases):
    contest, figures = sheet.contest, Figures()
    if not sheet.opened:
        return []
    if contest.kind == "number":
        number_figures(sheet, figures)
    elif contest.kind == "choices":
        scale_figures(contest.values, sheet.totals[:contest.options], figures)
    elif contest.kind == "matrix":
        for i in range(len(contest.row_ids)):
            counts = [sheet.totals[offset] for offset in contest.row(i)[:len(contest.ids)]]
            scale_figures(contest.values, counts, figures, i)
    elif contest.kind == "product":
        product_figures(sheet, bases, figures)
    return figures.items


def places(contest):
    """Of each position what its total says beside the total."""
    if contest.kind in ("choices", "points"):
        return [{"label": label} for label in contest.labels + ["blank"] * contest.blank]
    if contest.kind == "matrix":
        return [{"label": label, "row": i, "column": k} for i in range(len(contest.row_ids))
                for k, label in enumerate(contest.labels + ["blank"] * contest.blank)]
    if contest.kind == "product":
        return [{"label": "sum of products"}]
    if contest.kind == "table":
        rows, columns = (c.category_labels for c in contest.of)
        return [{"label": f"{a} / {b}", "row": i, "column": k} for i, a in enumerate(rows) for k, b in enumerate(columns)]
    labels = ["sum of values"] + ["blank"] * contest.blank + ["sum of squares"] * contest.spread
    buckets = [{"label": contest.bucket_label(a, b), "from": a, "to": b} for a, b in contest.buckets]
    return [{"label": label} for label in labels] + buckets


def describe(sheet, bases, names):
    totals = []
    if sheet.opened:
        totals = [{**place, "total": total} for place, total in zip(places(sheet.contest), sheet.totals)]
    return {**names, "kind": sheet.contest.kind, "title": sheet.contest.title, "ballots": sheet.ballots,
            "weight": sheet.weight, "opened": sheet.opened, "totals": totals, "figures": figures_of(sheet, bases)}


def export(manifest, election, result):
    """`figures.json`. `result`: per contest ballots, weight, and totals (None: withheld) of which some are None (closed)."""
    results = {contest.id: given for contest, given in zip(manifest.contests, result)}
    out = []
    for contest in manifest.contests:
        names = {"id": contest.id, **({} if contest.group is None else {"group": contest.group})}
        bases = [Sheet(base, [results[base.id]]) for base in contest.of]
        out.append(describe(Sheet(contest, [results[contest.id]]), bases, names))
    for question, contests in manifest.questions().items():
        bases = [Sheet(same[0], [results[c.id] for c in same]) for same in zip(*(c.of for c in contests))]
        out.append(describe(Sheet(contests[0], [results[c.id] for c in contests]), bases, {"question": question}))
    return {"psephos": 3, "kind": "figures", "election": election.hex(), "title": manifest.title, "contests": out}


def guarded(text):
    """A text that no spreadsheet takes for a formula."""
    return "'" * (text.lstrip(WHITE_SPACE).startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r"))) + text


def as_csv(exported):
    """`figures.csv`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow("contest group row column label total figure value".split())
    for contest in exported["contests"]:
        names = [guarded(contest.get("id", contest.get("question"))), guarded(contest.get("group", ""))]
        if not contest["opened"]:
            writer.writerow(names + ["", "", "", "withheld", "", ""])
        for item in contest["totals"]:
            total = "closed" if item["total"] is None else item["total"]
            writer.writerow(names + [item.get("row", ""), item.get("column", ""), guarded(item["label"]), total, "", ""])
        for item in contest["figures"]:
            writer.writerow(names + [item.get("row", ""), "", "", "", item["name"], item["value"]])
    return out.getvalue()


def main(arguments):
    import check

    paths = [a for a in arguments if a != "--csv"]
    if len(paths) != 1:
        print("Give one record, a folder or an archive: figures.py RECORD [--csv]", file=sys.stderr)
        return 2
    report, election = check.check_path_with_election(paths[0])
    if not report.accepted:
        print("The record is rejected, so it has no figures. Run check.py to see why.", file=sys.stderr)
        return 1
    exported = export(election.manifest, election.election_id, election.result)
    sys.stdout.write(as_csv(exported) if "--csv" in arguments else json.dumps(exported, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
