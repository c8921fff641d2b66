"""Small cells (tally.md): the lines of a result, which of them leak, and which cells trustees close.

A cell is (contest, offset). `counts` are those of the open cells.
"""

FIELD = 2**61 - 1


class Line:
    """Own cells, of which one may be a blank, and their sum: a number of ballots, or the margin, which is a cell."""

    def __init__(self, cells, total=None, margin=None, blank=None):
        self.cells, self.total, self.margin, self.blank = cells, total, margin, blank

    def touches(self, cells):
        return self.margin in cells or any(cell in cells for cell in self.cells)

    def is_closed(self, counts):
        return not any(cell in counts for cell in self.cells)

    def leaks(self, smallest, counts):
        """By one of the first two rules."""
        if self.is_closed(counts):
            return False
        total = counts.get(self.margin) if self.margin else self.total
        if total is None:
            return True
        known = [counts[cell] for cell in self.cells if cell in counts]
        return len(known) < len(self.cells) and total - sum(known) < 2 * smallest - 1

    def to_mend(self, counts):
        """The cell that is closed where the line leaks: it depends on no count."""
        first = next((k for k, cell in enumerate(self.cells) if cell not in counts), 0)
        around = self.cells[first:] + self.cells[:first]
        return next((cell for cell in around if cell in counts and cell != self.blank), self.blank)


class Guard:
    """The cells and lines of an election whose decrypted contests are these; `ballots` by contest."""

    def __init__(self, manifest, decrypted, ballots):
        self.manifest, self.smallest, self.ballots = manifest, manifest.minimum_cell, ballots
        self.contests = [i for i in decrypted if manifest.guarded(i)]
        self.cells = [(i, offset) for i in self.contests for offset in manifest.guarded(i)]
        self.blanks = {(i, offset) for i in self.contests for offset in manifest.contests[i].blanks}
        self.lines = list(self.make_lines())

    def make_lines(self):
        numbers = {contest.id: i for i, contest in enumerate(self.manifest.contests)}
        for i in self.contests:
            contest = self.manifest.contests[i]

            def line(offsets):
                cells = [(i, offset) for offset in offsets]
                return Line(cells, self.ballots[i], blank=next((cell for cell in cells if cell in self.blanks), None))

            if contest.kind == "choices" and contest.min == contest.max:
                yield line(contest.cells)
            elif contest.kind == "matrix":
                for row in range(len(contest.row_ids)):
                    yield line(contest.row(row))
            elif contest.kind == "number":
                yield line(contest.categories)
            elif contest.kind == "table":
                for base, offsets, count in ((contest.of[0], contest.row, contest.rows),
                                             (contest.of[1], contest.column, contest.columns)):
                    for k in range(count):
                        yield Line([(i, offset) for offset in offsets(k)], margin=(numbers[base.id], base.categories[k]))

    def stays_closed(self, cell, count):
        """For its own count alone."""
        contest = self.manifest.contests[cell[0]]
        approval = contest.kind == "choices" and contest.min < contest.max
        return cell not in self.blanks and count < self.smallest or approval and count > self.ballots[cell[0]] - self.smallest

    def determined(self, counts):
        """Closed cells that all lines together give away: the only entries of their rows in reduced echelon form."""
        columns = {cell: k for k, cell in enumerate(cell for cell in self.cells if cell not in counts)}
        rows = {}  # by pivot, reduced
        for line in self.lines:
            row = {columns[cell]: 1 for cell in line.cells if cell in columns}
            if line.margin in columns:
                row[columns[line.margin]] = FIELD - 1
            for pivot in [k for k in row if k in rows]:
                row = combined(row, rows[pivot], -row[pivot])
            if not row:
                continue
            pivot = min(row)
            row = combined({}, row, pow(row[pivot], -1, FIELD))
            for other, known in rows.items():
                if pivot in known:
                    rows[other] = combined(known, row, -known[pivot])
            rows[pivot] = row
        single = {pivot for pivot, row in rows.items() if len(row) == 1}
        return {cell for cell, k in columns.items() if k in single}

    def leaking_by_determined(self, counts):
        determined = self.determined(counts)
        return [line for line in self.lines if line.touches(determined) and not line.is_closed(counts)]

    def close(self, counts):
        """`SmallCells.Close`: of all counts by cell, those that stay open."""
        counts = {cell: count for cell, count in counts.items() if not self.stays_closed(cell, count)}
        while True:
            before = len(counts)
            for line in self.lines:
                if line.leaks(self.smallest, counts):
                    del counts[line.to_mend(counts)]
            if before == len(counts):
                leaking = self.leaking_by_determined(counts)
                if not leaking:
                    return counts
                del counts[leaking[0].to_mend(counts)]

    def faults(self, counts):
        """`SmallCells.Verify`: what is wrong with what is open."""
        for (contest, offset), count in counts.items():
            if self.stays_closed((contest, offset), count):
                yield f"cell {offset} of contest {contest} is open with a count of {count}"
        by_sum = [line for line in self.lines if line.leaks(self.smallest, counts)]
        for line in by_sum + self.leaking_by_determined(counts):
            yield f"the line of cells {line.cells} gives closed ones away"


def combined(row, other, factor):
    """row + factor·other, in the field, without zeros."""
    keys = {*row, *other}
    out = {k: (row.get(k, 0) + factor * other.get(k, 0)) % FIELD for k in keys}
    return {k: value for k, value in out.items() if value}
