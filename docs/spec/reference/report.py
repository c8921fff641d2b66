"""The report: every check of verification.md, always."""

CHECKS = """record.files board.checkpoint board.entries board.root board.tiles entries.encoding entries.scope
entries.signatures entries.order manifest.valid roll.parts roll.possession ceremony.commitments ceremony.proofs
ceremony.freshness ceremony.keys ceremony.complaints ceremony.certified open.binding open.bounds ballots.eligibility
ballots.chain ballots.unique ballots.proofs close.certified shares.proofs shares.threshold result.totals
result.present""".split()

OK, FAILED, NOT_CHECKED = "ok", "FAILED", "not checked"


class Report:
    def __init__(self):
        self._reasons = {check: [] for check in CHECKS}
        self._blocked = {check: None for check in CHECKS}
        self._numbers = {check: None for check in CHECKS}

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
