"""Strict JSON, and the forms of values in a manifest (manifest.md). Everything else is `Refused`."""

import json
import re
from datetime import datetime

import ristretto
from ristretto import Refused

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
HEX64 = re.compile(r"[0-9a-f]{64}")
LANGUAGE = re.compile(r"(?=.{2,35}\Z)[a-z]{2,8}(-[A-Za-z0-9]{1,8})*")
FORBIDDEN = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def need(condition, what):
    if not condition:
        raise Refused(what)


def need_form(condition, what):
    """For what a text must be before its values can be looked at."""
    if not condition:
        raise Refused(what, "manifest.encoding")


def check_signs(value, allowed=False):
    """A minus sign stands only in some members, directly or in an array of `buckets`."""
    if type(value) is int:
        need_form(value >= 0 or allowed, "a negative integer where there is none")
    elif type(value) is list:
        for part in value:
            check_signs(part)
    elif type(value) is dict:
        for name, part in value.items():
            if name == "buckets" and type(part) is list:
                for bucket in part:
                    check_signs(bucket, True)
            else:
                check_signs(part, name in ("lo", "hi", "value"))


def parse_json(data):
    """One JSON text: UTF-8, no mark, no duplicate member, plain integers of at most 2^53."""
    def members(pairs):
        need_form(len({name for name, _ in pairs}) == len(pairs), "a duplicate member")
        return dict(pairs)

    def integer(text):
        need_form(re.fullmatch("-?[0-9]{1,17}", text) and abs(int(text)) <= 2**53 and text != "-0", f"the integer {text[:20]}")
        return int(text)

    def refuse(text):
        raise Refused(f"the number {text[:20]}", "manifest.encoding")

    try:
        text = data.decode("utf-8")
        need_form(not text.startswith("\ufeff"), "a byte order mark")
        value = json.loads(text, object_pairs_hook=members, parse_int=integer, parse_float=refuse,
                           parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # an escape may not leave half a character
        check_signs(value)
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


def boolean(value, what):
    need(type(value) is bool, f"{what} is neither true nor false")
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


def text_in(language):
    """Checks a text; gives it in this language."""
    def check_text(value):
        need(type(value) is dict and language in value, "a text lacks the manifest's language")
        for tag, words in value.items():
            matching(tag, LANGUAGE, "a language tag")
            characters(words, 20_000, "\n", "a text")
        return value[language]

    return check_text
