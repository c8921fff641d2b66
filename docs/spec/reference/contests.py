"""Contests of every kind (manifest.md): their rules, their positions, and what they add to a style's shape."""

from proofs import FREE, PRODUCT
from shape import digits
from strict import ID, array, boolean, distinct, integer, matching, members, need, need_form

VALUE = 10**6  # the largest of an option
OPTIONAL = ["description"]


def read_contest(value, check_text, earlier, groups):
    """A contest; `earlier`: those before it by id. `groups`: ids of groups, or None where the manifest has none."""
    kind = value.get("kind") if type(value) is dict else None
    need(type(kind) is str and kind in KINDS, "a contest's kind is none that exists")
    contest = KINDS[kind]()
    grouped = ["question", "group"] if groups is not None else []
    members(value, ["id", "kind", "title"] + contest.members(value), OPTIONAL + grouped + contest.optional)
    need_form(("question" in value) == ("group" in value), "a question without a group, or the reverse")
    contest.kind = kind
    contest.id = matching(value["id"], ID, "a contest's id")
    contest.title = check_text(value["title"])
    if "description" in value:
        check_text(value["description"])
    if "question" in value:
        contest.question = matching(value["question"], ID, "a question")
        need(type(value["group"]) is str and value["group"] in groups, "a contest has an unknown group")
        contest.group = value["group"]
    contest.read(value, check_text, earlier)
    return contest


def read_labelled(value, low, high, check_text, what, valued=False):
    """Ids, labels, and values (None without) of options, or of rows."""
    items = [members(o, ["id", "label"], ["value"] * valued) for o in array(value, low, high, what)]
    ids = [matching(o["id"], ID, f"an id of {what}") for o in items]
    labels = [check_text(o["label"]) for o in items]
    distinct(ids, f"ids of {what}")
    values = [integer(o["value"], -VALUE, VALUE, "a value") for o in items if "value" in o]
    need(len(values) in (0, len(items)), "some options have values, others none")
    return ids, labels, values or None


class Contest:
    """Positions within a contest are offsets, from 0. Below are what most kinds have."""

    optional = []
    question = group = None
    first = None  # set by the manifest: the number of its first position
    of = ()
    categories = None  # their offsets, where it has some; `category_labels` beside them
    cells = []  # the offsets of what small cells guard, of which some are blanks
    blanks = ()

    def members(self, value):
        return []

    def closed_with(self, closed):
        """All offsets that are closed where these cells are."""
        return closed

    def check_small_cells(self):
        """What a minimum of cells asks of a contest."""

    @property
    def positions(self):
        return range(self.first, self.first + self.width)

    @property
    def most(self):
        return max(self.bound(offset) for offset in range(self.width))


class Options(Contest):
    """Choices and points."""

    optional = ["order"]

    def members(self, value):
        return ["options", "min", "max", "blank"] + ["max_per_option"] * (value["kind"] == "points")

    def read(self, value, check_text, earlier):
        choices = value["kind"] == "choices"
        self.ids, self.labels, self.values = read_labelled(value["options"], 1, 1024, check_text, "options", choices)
        self.options = len(self.ids)
        self.max_per_option = integer(value.get("max_per_option", 1), 1, 2**20, "max_per_option")
        self.max = integer(value["max"], 1, self.options * self.max_per_option, "max")
        self.min = integer(value["min"], 0, self.max, "min")
        need(self.values is None or self.max == 1, "options have values where more than one may be chosen")
        self.blank = boolean(value["blank"], "blank")
        need(value.get("order", "fixed") in ("fixed", "rotated"), "order is neither fixed nor rotated")
        self.width = self.options + self.blank
        self.approval = choices and self.min == 0 and self.max == self.options and not self.blank
        if choices:
            self.cells = list(range(self.width))
            self.blanks = self.cells[self.options:]
            if self.min == self.max == 1 and self.width > 1:
                self.categories, self.category_labels = self.cells, self.labels + ["blank"] * self.blank

    def check_small_cells(self):
        if self.kind == "points":
            need(not self.blank, "points have a blank where small cells are closed")
        else:
            need(self.min == self.max == 1 or self.approval,
                 "choices are neither one of n nor approval where small cells are closed")

    def likeness(self):
        values = self.values and tuple(self.values)
        return self.kind, tuple(self.ids), values, self.min, self.max, self.max_per_option, self.blank

    def bound(self, offset):
        """The largest value that one ballot can have there."""
        return self.max_per_option if offset < self.options else 1

    def add_to(self, shape):
        terms = [(shape.bit(i, w), w) for i in range(self.options) for w in digits(self.max_per_option)]
        if self.blank:
            terms.append((shape.bit(self.options), self.max))
        shape.found[self.id] = [j for j, _ in terms]
        terms += [(shape.bit(None, 0), w) for w in digits(self.max - self.min)]
        shape.constrain(self.max, terms)


class Matrix(Contest):
    def members(self, value):
        return ["rows", "options", "blank"]

    def read(self, value, check_text, earlier):
        self.row_ids, self.row_labels, _ = read_labelled(value["rows"], 1, 64, check_text, "rows")
        self.ids, self.labels, self.values = read_labelled(value["options"], 2, 64, check_text, "options", True)
        self.blank = boolean(value["blank"], "blank")
        self.columns = len(self.ids) + self.blank
        self.width = len(self.row_ids) * self.columns
        self.cells = list(range(self.width))
        self.blanks = self.cells[self.columns - 1::self.columns] if self.blank else ()

    def likeness(self):
        return self.kind, tuple(self.row_ids), tuple(self.ids), self.values and tuple(self.values), self.blank

    def row(self, i):
        return list(range(i * self.columns, (i + 1) * self.columns))

    def bound(self, offset):
        return 1

    def add_to(self, shape):
        for i in range(len(self.row_ids)):
            shape.constrain(1, [(shape.bit(offset), 1) for offset in self.row(i)])


class Number(Contest):
    optional = ["unit", "step", "buckets"]

    def members(self, value):
        return ["lo", "hi", "decimals", "blank", "spread"]

    def read(self, value, check_text, earlier):
        self.lo = integer(value["lo"], -2**53, 2**53, "lo")
        self.hi = integer(value["hi"], -2**53, 2**53, "hi")
        self.range = integer(self.hi - self.lo, 1, 2**32 - 1, "hi - lo")
        self.decimals = integer(value["decimals"], 0, 9, "decimals")
        if "unit" in value:
            check_text(value["unit"])
        if "step" in value:
            integer(value["step"], 1, self.range, "step")
        self.blank, self.spread = boolean(value["blank"], "blank"), boolean(value["spread"], "spread")
        self.buckets = []  # first and last answer of each
        if "buckets" in value:
            starts = [integer(b, self.lo, self.hi, "a bucket") for b in array(value["buckets"], 2, 64, "buckets")]
            need(starts[0] == self.lo, "the first bucket does not begin with lo")
            need(all(a < b for a, b in zip(starts, starts[1:])), "buckets do not rise")
            self.buckets = [(a, b - 1) for a, b in zip(starts, starts[1:] + [self.hi + 1])]
        self.square = 1 + self.blank if self.spread else None
        self.histogram = list(range(1 + self.blank + self.spread, 1 + self.blank + self.spread + len(self.buckets)))
        self.width = 1 + self.blank + self.spread + len(self.buckets)
        if self.buckets:
            self.blanks = [1] * self.blank
            self.cells = self.blanks + self.histogram
            self.categories = self.histogram + self.blanks
            self.category_labels = [self.bucket_label(*b) for b in self.buckets] + ["blank"] * self.blank

    def check_small_cells(self):
        need(self.buckets or not self.blank, "a number has a blank without buckets where small cells are closed")
        need(all(low < high for low, high in self.buckets), "a bucket holds one value where small cells are closed")

    def closed_with(self, closed):
        return closed | {0, self.square} - {None} if self.blank and 1 in closed else closed

    def bucket_label(self, low, high):
        def show(number):
            digits = str(abs(number)).rjust(self.decimals + 1, "0")
            point = len(digits) - self.decimals
            return "-" * (number < 0) + digits[:point] + ("." + digits[point:] if self.decimals else "")

        return f"{show(low)} to {show(high)}"

    def likeness(self):
        return self.kind, self.lo, self.hi, self.decimals, self.blank, self.spread, tuple(self.buckets)

    def bound(self, offset):
        return self.range if offset == 0 else self.range**2 if offset == self.square else 1

    def add_to(self, shape):
        value = shape.add(FREE, 0, 1)
        blank = [shape.bit(1)] if self.blank else []
        if self.spread:
            shape.add(PRODUCT, self.square, 1, (value, value))
        buckets = [shape.bit(offset) for offset in self.histogram]
        if buckets:
            shape.constrain(1, [(j, 1) for j in blank + buckets])
            shape.restrict(0, [(value, 1)] + [(j, self.lo - low) for j, (low, _) in zip(buckets, self.buckets)])
            shape.restrict(0, [(value, -1)] + [(j, high - self.lo) for j, (_, high) in zip(buckets, self.buckets)])
        else:
            shape.restrict(0, [(value, 1)])
            shape.restrict(self.range, [(value, -1)] + [(j, -self.range) for j in blank])
        shape.found[self.id] = buckets + blank if buckets else [value]
        shape.found["value of", self.id] = value


class Derived(Contest):
    """Of two earlier contests, of which a voter is asked nothing more."""

    def members(self, value):
        return ["of"]

    def read(self, value, check_text, earlier):
        ids = array(value["of"], 2, 2, "of")
        need(all(type(i) is str and i in earlier for i in ids), "a contest is of one that does not stand before it")
        distinct(ids, "the contests it is of")
        self.of = [earlier[i] for i in ids]
        need(all(c.group == self.group for c in self.of), "a contest is of one of another group")

    def likeness(self):
        return self.kind, tuple(c.question for c in self.of)


class Product(Derived):
    width = 1

    def read(self, value, check_text, earlier):
        super().read(value, check_text, earlier)
        need(all(c.kind == "number" and not c.blank and c.spread for c in self.of),
             "a product is not of numbers without blank and with spread")

    def bound(self, offset):
        return self.of[0].range * self.of[1].range

    def add_to(self, shape):
        shape.add(PRODUCT, 0, 1, tuple(shape.found["value of", c.id] for c in self.of))


class Table(Derived):
    def read(self, value, check_text, earlier):
        super().read(value, check_text, earlier)
        need(all(c.categories for c in self.of), "a table is of a contest without categories")
        self.rows, self.columns = (len(c.categories) for c in self.of)
        self.width = self.rows * self.columns
        self.cells = list(range(self.width))

    def row(self, i):
        return list(range(i * self.columns, (i + 1) * self.columns))

    def column(self, j):
        return list(range(j, self.width, self.columns))

    def bound(self, offset):
        return 1

    def add_to(self, shape):
        cells = [shape.bit(offset) for offset in range(self.width)]
        for contest, lines in zip(self.of, (map(self.row, range(self.rows)), map(self.column, range(self.columns)))):
            categories = shape.found[contest.id]
            for i, line in enumerate(lines):
                others = categories[:i] + categories[i + 1:]
                shape.constrain(1, [(j, 1) for j in [cells[offset] for offset in line] + others])


KINDS = {"choices": Options, "points": Options, "matrix": Matrix, "number": Number, "product": Product, "table": Table}
