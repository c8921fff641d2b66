"""Small cells (tally.md): the lines of a result, which of them leak, and which cells trustees close."""


class Line:
    """Cells are (contest, offset) with their factors; `total` is a number, or a margin: the cell that is the sum.

    `least`, of a loose line alone: what its cells come to at least, and the factors there.
    """

    def __init__(self, cells, total=None, margin=None, factors=None, least=None, least_factors=None):
        self.cells, self.total, self.margin = cells, total, margin
        self.factors = factors or [1] * len(cells)
        self.least, self.least_factors = least, least_factors

    def remainder(self, total, factors, counts):
        return total - sum(f * counts[cell] for cell, f in zip(self.cells, factors) if cell in counts)

    def leaks(self, smallest, counts):
        """`counts`: those of open cells; `smallest`: the manifest's minimum."""
        closed = [f for cell, f in zip(self.cells, self.factors) if cell not in counts]
        if len(closed) == len(self.cells):
            return False
        total = counts.get(self.margin) if self.margin else self.total
        if total is None:
            return not closed
        if not closed:
            return False
        if self.remainder(total, self.factors, counts) < smallest * max(closed):
            return True
        if len(closed) > 1:
            return False
        return self.least is None or self.remainder(self.least, self.least_factors, counts) > 0


def lines(manifest, decrypted, ballots):
    """All lines of the decrypted guarded contests, in order; `ballots` by contest."""
    numbers = {contest.id: i for i, contest in enumerate(manifest.contests)}
    for i in decrypted:
        contest = manifest.contests[i]
        if not manifest.guarded(i):
            continue
        if contest.kind == "choices":
            cells, blank = [(i, offset) for offset in contest.cells], contest.blank
            loose = {}
            if contest.min < contest.max:
                loose = {"least": contest.min * ballots[i], "least_factors": [1] * contest.options + [contest.min] * blank}
            yield Line(cells, contest.max * ballots[i], factors=[1] * contest.options + [contest.max] * blank, **loose)
        elif contest.kind == "matrix":
            for row in range(len(contest.row_ids)):
                yield Line([(i, offset) for offset in contest.row(row)], ballots[i])
        elif contest.kind == "number":
            yield Line([(i, offset) for offset in contest.categories], ballots[i])
        else:
            for base, line, count in ((contest.of[0], contest.row, contest.rows),
                                      (contest.of[1], contest.column, contest.columns)):
                for k in range(count):
                    margin = numbers[base.id], base.categories[k]
                    yield Line([(i, offset) for offset in line(k)], margin=margin)


def close(smallest, all_lines, counts):
    """`SmallCells.Close`: of all counts by cell, those that stay open."""
    open_counts = {cell: count for cell, count in counts.items() if count >= smallest}
    before = None
    while before != len(open_counts):
        before = len(open_counts)
        for line in all_lines:
            if line.leaks(smallest, open_counts):
                cells = [cell for cell in line.cells if cell in open_counts]
                del open_counts[min(cells, key=open_counts.get)]
    return open_counts


def faults(smallest, all_lines, open_counts):
    """`SmallCells.Verify`: what is wrong with what is open."""
    for (contest, offset), count in open_counts.items():
        if count < smallest:
            yield f"cell {offset} of contest {contest} is open with a count of {count}"
    for line in all_lines:
        if line.leaks(smallest, open_counts):
            yield f"the line of cells {line.cells} gives closed ones away"
