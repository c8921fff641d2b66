"""The report: every check of verification.md, always."""

CHECKS = """record.files record.archive board.note board.origin board.signature board.witnesses board.entries board.root board.tiles
entries.version entries.kind entries.length entries.fields entries.elements entries.scalars entries.scope
entries.signatures entries.phase entries.once manifest.encoding manifest.rules manifest.quorum roll.sequence
roll.styles roll.weights roll.credentials roll.parts roll.possession ceremony.registered ceremony.attempts
ceremony.rounds ceremony.commitments ceremony.proofs ceremony.possession ceremony.freshness ceremony.keys ceremony.complaints
ceremony.digest ceremony.rehearsal ceremony.everybody open.roll open.voters open.ceremony open.bounds
ballots.credential ballots.style ballots.counter ballots.previous ballots.number ballots.unique ballots.voided
ballots.commitment ballots.bits ballots.nonce ballots.values ballots.limits ballots.linked ballots.ranges voids.credential voids.unique
voids.number close.root close.witnesses close.quorum shares.proofs shares.threshold shares.cells result.ballots result.withheld
result.totals result.present beacon.contributions beacon.shares seal.shares""".split()

OK, FAILED, NOT_CHECKED = "ok", "FAILED", "not checked"


class Report:
    def __init__(self):
        self._reasons = {check: [] for check in CHECKS}
        self._blocked = {check: None for check in CHECKS}
        self._numbers = {check: None for check in CHECKS}
        self.joint = None  # what the trustees signed jointly; no part of the verdict

    def fail(self, check, reason):
        self._reasons[check].append(reason)

    def ran(self, check, **numbers):
        """The check ran to its end; without this, and without a failure, it was not checked."""
        self._numbers[check] = numbers

    def blocked(self, check, reason):
        """The check could not look at everything it must."""
        self._blocked[check] = self._blocked[check] or reason

    def verdict(self, check):
        if self._reasons[check]:
            return FAILED
        return OK if self._numbers[check] is not None and not self._blocked[check] else NOT_CHECKED

    @property
    def accepted(self):
        return all(self.verdict(check) == OK for check in CHECKS)

    def rows(self):
        for check in CHECKS:
            verdict = self.verdict(check)
            reasons = list(self._reasons[check])
            if verdict == NOT_CHECKED:
                reasons.append(self._blocked[check] or "an earlier check failed")
            yield {"id": check, "verdict": verdict, "numbers": self._numbers[check] or {}, "reasons": reasons}
