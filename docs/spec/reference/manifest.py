"""The manifest (manifest.md): strict JSON, its rules, positions and shapes."""

import json
import re
from datetime import datetime

import ristretto
from proofs import Transcript, u16, u64
from record import MOST_COSIGNATURES, is_key_name
from ristretto import Refused

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
HEX64 = re.compile(r"[0-9a-f]{64}")
LANGUAGE = re.compile(r"(?=.{2,35}\Z)[a-z]{2,8}(-[A-Za-z0-9]{1,8})*")
ORIGIN = re.compile(r"(?!.*://)(?!/)[!-*,-~]+/[0-9a-f]{32}")
FORBIDDEN = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def need(condition, what):
    if not condition:
        raise Refused(what)


def need_form(condition, what):
    """For what a text must be before its values can be looked at."""
    if not condition:
        raise Refused(what, "manifest.encoding")


def parse_json(data):
    """One JSON text: UTF-8, no mark, no duplicate member, plain integers of at most 2^53."""
    def members(pairs):
        need_form(len({name for name, _ in pairs}) == len(pairs), "a duplicate member")
        return dict(pairs)

    def integer(text):
        need_form(re.fullmatch("[0-9]{1,17}", text) and int(text) <= 2**53, f"the integer {text[:20]}")
        return int(text)

    def refuse(text):
        raise Refused(f"the number {text[:20]}", "manifest.encoding")

    try:
        text = data.decode("utf-8")
        need_form(not text.startswith("\ufeff"), "a byte order mark")
        value = json.loads(text, object_pairs_hook=members, parse_int=integer, parse_float=refuse,
                           parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # an escape may not leave half a character
        return value
    except (ValueError, RecursionError) as error:
        raise Refused(f"not a JSON text: {error}", "manifest.encoding") from None


def members(value, required, optional=()):
    need(type(value) is dict, "an object is expected")
    unknown = sorted(set(value) - set(required) - set(optional))
    missing = sorted(set(required) - set(value))
    need_form(not unknown, f"unknown member {unknown[:1]}")
    need_form(not missing, f"missing member {missing[:1]}")
    return value


def integer(value, low, high, what):
    need(type(value) is int and low <= value <= high, f"{what} is not an integer in {low}..{high}")
    return value


def array(value, low, high, what):
    need(type(value) is list and low <= len(value) <= high, f"{what} is not an array of {low} to {high}")
    return value


def distinct(values, what):
    need(len(set(values)) == len(values), f"{what} are not distinct")


def matching(value, pattern, what):
    need(type(value) is str and pattern.fullmatch(value), f"{what} has the wrong form")
    return value


def characters(value, limit, allowed, what):
    need(type(value) is str and 1 <= len(value.encode()) <= limit, f"{what} is not a string of 1 to {limit} bytes")
    need(all(c in allowed for c in FORBIDDEN.findall(value)), f"{what} holds a character that controls or reorders text")
    return value


def string(value, what):
    return characters(value, 500, "", what)


def element(value, what):
    matching(value, HEX64, what)
    ristretto.decode(bytes.fromhex(value))
    return bytes.fromhex(value)


def time(value, what):
    matching(value, TIME, what)
    try:
        moment = datetime(*(int(number) for number in re.findall("[0-9]+", value)))
        need(moment.year >= 1970, f"{what} is before 1970")
        return moment
    except ValueError:
        raise Refused(f"{what} is no time") from None


def digits(maximum):
    """manifest.md, `Digits`."""
    return [(maximum + 2**i) // 2 ** (i + 1) for i in range(maximum.bit_length())]


class Shape:
    """Coordinates (all bits in this version) as (position or None, weight), and linear constraints."""

    def __init__(self, contests):
        self.coordinates, self.constraints, self.positions = [], [], 0
        for contest in contests:
            terms = []

            def bit(position, weight, coefficient):
                terms.append((len(self.coordinates), coefficient))
                self.coordinates.append((position, weight))

            for _ in range(contest.options):
                for weight in digits(contest.max_per_option):
                    bit(self.positions, weight, weight)
                self.positions += 1
            if contest.blank:
                bit(self.positions, 1, contest.max)
                self.positions += 1
            for weight in digits(contest.max - contest.min):
                bit(None, 0, weight)
            self.constraints.append((contest.max, terms))

    def encode(self):
        out = u16(self.positions) + u16(len(self.coordinates))
        for position, weight in self.coordinates:
            out += b"\0" + u16(0) + u16(65535 if position is None else position) + u64(weight)
        out += u16(len(self.constraints))
        for constant, terms in self.constraints:
            out += u64(constant) + u16(len(terms))
            out += b"".join(u16(j) + u64(coefficient) for j, coefficient in terms)
        return out


class Contest:
    def __init__(self, value, check_text):
        kind = value.get("kind") if type(value) is dict else None
        need(kind in ("choices", "points"), "a contest's kind is neither choices nor points")
        required = ["id", "kind", "title", "options", "min", "max", "blank"]
        members(value, required + ["max_per_option"] * (kind == "points"), ["description", "order"])
        self.id = matching(value["id"], ID, "a contest's id")
        check_text(value["title"])
        if "description" in value:
            check_text(value["description"])
        options = [members(o, ["id", "label"]) for o in array(value["options"], 1, 1024, "options")]
        for option in options:
            matching(option["id"], ID, "an option's id")
            check_text(option["label"])
        distinct([o["id"] for o in options], "ids of options")
        self.options = len(options)
        self.max_per_option = integer(value.get("max_per_option", 1), 1, 2**20, "max_per_option")
        self.max = integer(value["max"], 1, self.options * self.max_per_option, "max")
        self.min = integer(value["min"], 0, self.max, "min")
        need(type(value["blank"]) is bool, "blank is neither true nor false")
        self.blank = value["blank"]
        need(value.get("order", "fixed") in ("fixed", "rotated"), "order is neither fixed nor rotated")
        self.first = None  # set by the manifest: the number of its first position

    @property
    def positions(self):
        return range(self.first, self.first + self.options + self.blank)

    def bound(self, position):
        """The largest value one ballot can have in this position."""
        return self.max_per_option if position < self.first + self.options else 1


class Manifest:
    """A manifest; making one raises `Refused` at the first broken rule, that of its quorum aside."""

    def __init__(self, data):
        need(len(data) <= 60_000, "the manifest has more than 60,000 bytes")
        value = members(parse_json(data), [
            "psephos", "uuid", "language", "title", "organiser", "issuers", "trustees", "threshold", "close_quorum",
            "board", "opens", "closes", "styles", "contests", "minimum_ballots"],
            ["description", "witnesses", "witness_quorum"])
        need_form(("witnesses" in value) == ("witness_quorum" in value), "witnesses without their quorum, or the reverse")
        self.id = Transcript("manifest id").append("manifest", data).digest("id")
        integer(value["psephos"], 2, 2, "psephos")
        self.uuid = bytes.fromhex(matching(value["uuid"], re.compile("[0-9a-f]{32}"), "uuid"))
        self.language = matching(value["language"], LANGUAGE, "language")
        self.check_text(value["title"])
        if "description" in value:
            self.check_text(value["description"])

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

        self.contests = [Contest(c, self.check_text) for c in array(value["contests"], 1, 256, "contests")]
        ids = [c.id for c in self.contests]
        distinct(ids, "ids of contests")
        self.positions = 0
        for contest in self.contests:
            contest.first = self.positions
            self.positions += len(contest.positions)
        styles = [members(s, ["id", "contests"]) for s in array(value["styles"], 1, 64, "styles")]
        distinct([matching(s["id"], ID, "a style's id") for s in styles], "ids of styles")
        self.styles = []  # of each style the indices of its contests
        for style in styles:
            chosen = array(style["contests"], 1, 256, "contests of a style")
            need(all(type(c) is str and c in ids for c in chosen), "a style names an unknown contest")
            indices = [ids.index(c) for c in chosen]
            need(all(a < b for a, b in zip(indices, indices[1:])), "contests of a style are not in order")
            self.styles.append(indices)
        need({i for s in self.styles for i in s} == set(range(len(ids))), "a contest is in no style")
        self.shapes = [Shape([self.contests[i] for i in s]) for s in self.styles]

        big, t = self.positions, self.threshold
        need(big <= 1024 and 32 * big * t <= 60_000 and self.n * (32 * big + 16) <= 60_000, "too many positions")
        for shape in self.shapes:
            need(32 * (shape.positions + len(shape.coordinates) + 10) + 168 <= 65_535, "a style is too large")

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

    def check_text(self, value):
        need(type(value) is dict and self.language in value, "a text lacks the manifest's language")
        for tag, words in value.items():
            matching(tag, LANGUAGE, "a language tag")
            characters(words, 20_000, "\n", "a text")

    def positions_of(self, style):
        return [p for i in self.styles[style] for p in self.contests[i].positions]
