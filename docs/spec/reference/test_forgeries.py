"""Every record of docs/spec/forgeries gets exactly the verdict that its index says."""

import json
import unittest
from pathlib import Path

import check
from once import work_out_once
from report import CHECKS, OK

FOLDER = Path(__file__).resolve().parent.parent / "forgeries"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))


setUpModule = work_out_once


class Forgeries(unittest.TestCase):
    def test_every_record_has_its_verdict(self):
        for item in INDEX:
            expected = {item["expect"], *item.get("also", [])} - {"accept"}
            report = check.check_path(FOLDER / item["file"])
            rejecting = {name for name in CHECKS if report.verdict(name) != OK}
            with self.subTest(file=item["file"], what=item["what"]):
                self.assertEqual(rejecting, expected)
                self.assertEqual(report.accepted, item["expect"] == "accept")

    def test_every_check_rejects_one(self):
        self.assertEqual(set(CHECKS) - {item["expect"] for item in INDEX}, set())

    def test_the_index_names_every_file(self):
        self.assertEqual({item["file"] for item in INDEX}, {path.name for path in FOLDER.glob("*.tar")})


if __name__ == "__main__":
    unittest.main()
