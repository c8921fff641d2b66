#!/usr/bin/env python3
"""Checks the record of a Psephos election: `python3 check.py RECORD_FOLDER_OR_TAR [--json]`.

Exit codes: 0 accepted, 1 rejected, 2 could not run.
"""

import json
import sys
from pathlib import Path

import fold
import record
from report import OK, Report
from ristretto import Refused


def check_record(files, odd=()):
    """The report on a record's files, given by path; `odd` is what the reader refused."""
    return check_files(files, odd)[0]


def check_files(files, odd=()):
    """The report, and the election where there is a manifest that can be used."""
    report, election = Report(), None
    checkpoint = entries = manifest = None
    for fault in odd:
        report.fail("record.archive", fault)
    report.ran("record.archive", faults=len(odd))
    try:
        if "checkpoint" not in files:
            raise Refused("there is no checkpoint")
        checkpoint = record.Checkpoint(files["checkpoint"])
    except Refused as reason:
        report.fail("board.note", str(reason))
    if checkpoint:
        report.ran("board.note", size=checkpoint.size)
        record.check_files(report, files, checkpoint.size)
        entries = record.read_entries(report, files, checkpoint.size)
    if entries is not None:
        leaves = [record.leaf_hash(entry) for entry in entries]
        if record.root_hash(leaves) != checkpoint.root:
            report.fail("board.root", "the root of the entries is not the checkpoint's")
        report.ran("board.root", entries=len(entries))
        record.check_tiles(report, files, leaves)
        manifest = fold.check_manifest(report, entries)
    if manifest:
        for name, check, expected in (("board.origin", checkpoint.check_origin, manifest.origin),
                                      ("board.signature", checkpoint.check_signature, manifest.board_key),
                                      ("board.witnesses", checkpoint.check_witnesses, manifest)):
            try:
                check(expected)
            except Refused as reason:
                report.fail(name, str(reason))
            report.ran(name)
        election = fold.check_election(report, manifest, entries)
    return report, election


def check_path(path):
    return check_path_with_election(path)[0]


def check_path_with_election(path):
    path = Path(path)
    return check_files(*(record.read_folder(path) if path.is_dir() else record.read_archive(path.read_bytes())))


def describe(report):
    """Lines on what the trustees signed jointly, which no verdict depends on; none beside a rejection."""
    joint = report.joint
    if not report.accepted:
        return
    beacon, seal = joint["beacon"], joint["seal"]
    yield f"Joint key {joint['key']}."
    if beacon["audit_seed"]:
        yield f"Beacon of trustees {beacon['by']}: audit seed {beacon['audit_seed']}."
        for lot in beacon["lots"] or []:
            yield f"Lot order of {lot['contest']}: {lot['order']}."
        if beacon["lots"] is None:
            yield f"There are no lots: of the contributions only those of trustees {beacon['contributions']} are there."
    else:
        yield f"There is no beacon: shares of trustees {beacon['by']}."
    if seal["signature"]:
        yield f"Sealed by trustees {seal['by']} at size {seal['size']}, root {seal['root']}."
    else:
        yield f"Not sealed: shares of trustees {seal['by']}."


def main(arguments):
    as_json = "--json" in arguments
    paths = [a for a in arguments if a != "--json"]
    if len(paths) != 1 or paths[0].startswith("-"):
        print("Give one record, a folder or an archive: check.py RECORD [--json]", file=sys.stderr)
        return 2
    try:
        report = check_path(paths[0])
    except OSError as error:
        print(f"The record could not be read ({error}). Check the path.", file=sys.stderr)
        return 2
    except Exception as error:  # a fault of this program: it accepts nothing then, and says so
        print(f"The check could not run ({type(error).__name__}: {error}).", file=sys.stderr)
        return 2
    rows = list(report.rows())
    if as_json:
        print(json.dumps({"accepted": report.accepted, "checks": rows, "joint": report.joint}, indent=1))
    else:
        for row in rows:
            numbers = ", ".join(f"{value} {name}" for name, value in row["numbers"].items())
            print(f"{row['verdict']:<12}{row['id']:<22}{numbers}")
            for reason in row["reasons"]:
                print(f"{'':<12}- {reason}")
        for line in describe(report):
            print(line)
        failed = sum(row["verdict"] != OK for row in rows)
        print("The record is accepted." if report.accepted else f"The record is rejected: {failed} checks did not pass.")
    return 0 if report.accepted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
