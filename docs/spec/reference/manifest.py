"""The manifest (manifest.md): its rules, positions and styles."""

import re

from contests import read_contest
from proofs import Transcript
from record import MOST_COSIGNATURES, is_key_name
from shape import Shape
from strict import (HEX64, ID, LANGUAGE, array, distinct, element, integer, matching, members, need, need_form,
                    parse_json, string, text_in, time)

ORIGIN = re.compile(r"(?!.*://)(?!/)[!-*,-~]+/[0-9a-f]{32}")
MOST_NUMBERS = 16  # of a style


class Manifest:
    """A manifest; making one raises `Refused` at the first broken rule, that of its quorum aside."""

    def __init__(self, data):
        need(len(data) <= 60_000, "the manifest has more than 60,000 bytes")
        value = members(parse_json(data), [
            "psephos", "uuid", "language", "title", "organiser", "issuers", "trustees", "threshold", "close_quorum",
            "board", "opens", "closes", "styles", "contests", "minimum_ballots"],
            ["description", "witnesses", "witness_quorum", "minimum_cell", "groups", "participation"])
        need_form(("witnesses" in value) == ("witness_quorum" in value), "witnesses without their quorum, or the reverse")
        self.id = Transcript("manifest id").append("manifest", data).digest("id")
        integer(value["psephos"], 3, 3, "psephos")
        self.uuid = bytes.fromhex(matching(value["uuid"], re.compile("[0-9a-f]{32}"), "uuid"))
        self.language = matching(value["language"], LANGUAGE, "language")
        check_text = text_in(self.language)
        self.title = check_text(value["title"])
        if "description" in value:
            check_text(value["description"])

        def party(p):
            members(p, ["name", "key"])
            return string(p["name"], "a name"), element(p["key"], "a key")

        self.organiser = party(value["organiser"])[1]
        self.issuers = [string(members(i, ["name"])["name"], "a name") for i in array(value["issuers"], 1, 4, "issuers")]
        trustees = [party(t) for t in array(value["trustees"], 1, 64, "trustees")]
        distinct([name for name, _ in trustees], "names of trustees")
        self.trustees = [key for _, key in trustees]
        distinct(self.trustees + [self.organiser], "keys of trustees and organiser")
        self.n = len(trustees)
        self.threshold = integer(value["threshold"], 1, self.n, "threshold")
        board = members(value["board"], ["origin", "key"])
        self.origin = string(board["origin"], "origin")
        matching(self.origin, ORIGIN, "origin")
        need(self.origin.endswith("/" + value["uuid"]), "origin does not end in the uuid")
        self.board_key = bytes.fromhex(matching(board["key"], HEX64, "board.key"))
        self.witnesses, self.witness_quorum = [], 0  # names and keys
        if "witnesses" in value:
            self.witnesses = [self.witness(w) for w in array(value["witnesses"], 1, MOST_COSIGNATURES, "witnesses")]
            distinct([name for name, _ in self.witnesses] + [self.origin], "names of witnesses and board")
            distinct([key for _, key in self.witnesses] + [self.board_key], "keys of witnesses and board")
            least, most = len(self.witnesses) // 2 + 1, len(self.witnesses)
            self.witness_quorum = integer(value["witness_quorum"], least, most, "witness_quorum")
        least, most = len(self.witnesses) + 1, len(self.witnesses) + self.n
        self.close_quorum = integer(value["close_quorum"], least, most, "close_quorum")
        need(time(value["opens"], "opens") < time(value["closes"], "closes"), "closes is not after opens")
        self.minimum_ballots = integer(value["minimum_ballots"], 1, 2**32 - 1, "minimum_ballots")

        self.minimum_cell = None
        if "minimum_cell" in value:
            self.minimum_cell = integer(value["minimum_cell"], 2, 2**32 - 1, "minimum_cell")
        participation = value.get("participation", "issued")
        need(participation in ("issued", "registered"), "participation is neither issued nor registered")
        need(participation == "issued" or len(self.issuers) == 1, "registered participation has not one issuer")
        self.groups = None
        if "groups" in value:
            groups = [members(g, ["id", "title"]) for g in array(value["groups"], 1, 64, "groups")]
            self.groups = {matching(g["id"], ID, "a group's id"): check_text(g["title"]) for g in groups}
            need(len(self.groups) == len(groups), "ids of groups are not distinct")

        self.contests, earlier = [], {}
        for item in array(value["contests"], 1, 256, "contests"):
            contest = read_contest(item, check_text, earlier, self.groups)
            need(contest.id not in earlier, "ids of contests are not distinct")
            earlier[contest.id] = contest
            self.contests.append(contest)
        self.positions = 0
        for contest in self.contests:
            contest.first = self.positions
            self.positions += contest.width
        self.read_styles(value["styles"], list(earlier))
        self.check_derived()
        self.check_questions()
        self.check_small_cells()
        self.check_sizes()
        self.shapes = [Shape([self.contests[i] for i in s]) for s in self.styles]
        for shape in self.shapes:
            need(shape.ballot_bytes + 168 <= 65_535, "a style is too large")

    def read_styles(self, value, ids):
        styles = [members(s, ["id", "contests"]) for s in array(value, 1, 64, "styles")]
        distinct([matching(s["id"], ID, "a style's id") for s in styles], "ids of styles")
        self.styles = []  # of each style the indices of its contests
        for style in styles:
            chosen = array(style["contests"], 1, 256, "contests of a style")
            need(all(type(c) is str and c in ids for c in chosen), "a style names an unknown contest")
            indices = [ids.index(c) for c in chosen]
            need(all(a < b for a, b in zip(indices, indices[1:])), "contests of a style are not in order")
            self.styles.append(indices)
        need({i for s in self.styles for i in s} == set(range(len(ids))), "a contest is in no style")

    def styles_of(self, contest):
        number = self.contests.index(contest)
        return {s for s, contests in enumerate(self.styles) if number in contests}

    def check_derived(self):
        for contest in self.contests:
            need(all(self.styles_of(base) == self.styles_of(contest) for base in contest.of),
                 "a contest is in other styles than what it is of")

    def check_questions(self):
        questions = self.questions()
        for question, contests in questions.items():
            distinct([c.group for c in contests], f"groups of the question {question}")
            need(len({c.likeness() for c in contests}) == 1, f"the contests of the question {question} are not alike")
            styles = [s for c in contests for s in self.styles_of(c)]
            distinct(styles, f"styles of the question {question}")

    def questions(self):
        """Contests by question, in manifest order."""
        questions = {}
        for contest in self.contests:
            if contest.question is not None:
                questions.setdefault(contest.question, []).append(contest)
        return questions

    def check_small_cells(self):
        if self.minimum_cell:
            need(self.minimum_ballots >= self.minimum_cell, "minimum_ballots is below minimum_cell")
            for contest in self.contests:
                contest.check_small_cells()

    def check_sizes(self):
        """All but those of shapes."""
        big, t = self.positions, self.threshold
        need(big <= 1024 and 32 * big * t <= 60_000 and self.n * (32 * big + 16) <= 60_000, "too many positions")
        guarded = [self.guarded(i) for i in range(len(self.contests)) if self.guarded(i)]
        need(34 + 48 * self.n + sum(32 * len(g) + 96 for g in guarded) + 16 <= 60_000, "too many guarded positions")
        for style in self.styles:
            numbers = [i for i in style if self.contests[i].kind == "number"]
            need(len(numbers) <= MOST_NUMBERS, "a style has too many numbers")

    def guarded(self, number):
        """The guarded positions within a contest (tally.md), in order."""
        return self.contests[number].cells if self.minimum_cell else []

    def check_quorum(self):
        """A record whose manifest breaks only this rule can still be judged in everything else."""
        all_of_them, lying = self.n + len(self.witnesses), self.threshold - 1 + len(self.witnesses) - self.witness_quorum
        need(2 * self.close_quorum > all_of_them + lying, "close_quorum is too small")

    @staticmethod
    def witness(value):
        members(value, ["name", "key"])
        name = string(value["name"], "a witness's name")
        need(len(name.encode()) <= 100 and is_key_name(name), "a witness's name is no name of a key")
        return name, bytes.fromhex(matching(value["key"], HEX64, "a witness's key"))

    def positions_of(self, style):
        return [p for i in self.styles[style] for p in self.contests[i].positions]
