"""Owners ask for their own. What nobody is shown would be looked for elsewhere in vain."""

import msgspec

from app.isolation.comparing import shape_of
from app.isolation.drivers import Driven
from app.isolation.exchange import Answer
from app.isolation.parties import Party
from app.isolation.stage import Stage

# Of what an owner learns in one round, ids and cursors above all, the next makes use.
_ROUNDS = 2
_NOT_DRIVEN = frozenset({401, 403, 405})
_FIRST_FAULT = 500


class Owners:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.shown: dict[str, list[tuple[Party, Answer]]] = {}

    async def look(self) -> None:
        """Drive every operation as those it is for, and learn from what they are shown."""
        for _ in range(_ROUNDS):
            for operation in self._stage.operations:
                if not operation.is_removal:
                    await self._drive(operation)
        for operation in self._stage.operations:
            if not operation.is_removal:
                self._judge(operation)

    async def remove(self) -> None:
        """Removals come last: before, they would take away what others are to ask for."""
        for operation in self._stage.operations:
            if operation.is_removal:
                await self._drive(operation)
                self._judge(operation)

    async def _drive(self, operation: Driven) -> None:
        shown = self.shown.setdefault(operation.id, [])
        for party in self._users(operation):
            known = self._stage.known[party.tenant or next(iter(self._stage.tenants))]
            for answer in await self._stage.ask(operation.own(known), party):
                shown.append((party, answer))
                if party.tenant and answer.is_good:
                    known.hear(answer)
                    self._stage.findings.seen |= {
                        one.value for one in self._stage.search.of(answer.text(), party.tenant) if one.kind == "canary"
                    }

    def _users(self, operation: Driven) -> list[Party]:
        """Whom an operation is for. An operator's word changes a whole installation: those only read here."""
        if operation.audience == "operators" and not operation.is_read:
            return []
        if operation.audience == "everybody":
            return [party for party in self._stage.parties.everybody if party.authorization is None]
        whose = self._stage.parties.tenants if operation.audience == "customers" else self._stage.parties.without_tenant
        return [party for party in whose if operation.open_to(party)]

    def _judge(self, operation: Driven) -> None:
        """Note what was not driven, and what does not show to its owners what it must not show to others."""
        if operation.audience == "operators" and not operation.is_read:
            return
        why = self._why_not_driven(operation)
        if why:
            self._stage.findings.cannot_drive(operation.name, why)

    def _why_not_driven(self, operation: Driven) -> str | None:
        answers = [answer for _, answer in self.shown[operation.id]]
        if not answers:
            return f"no client has {' '.join(operation.scopes)}"
        documented = [one for one in answers if one.status in operation.statuses and one.status not in _NOT_DRIVEN]
        if operation.audience != "customers":
            # What health says of the installation is not our affair; that it answers as described is.
            return None if documented else f"answers {sorted({one.status for one in answers})} to those it is for"
        if not any(one.is_good for one in answers):
            return f"answers {sorted({one.status for one in answers})} to owners"
        if operation.is_read:
            blind = [name for name in self._stage.tenants if not self._sees(operation, name)]
            return f"shows {', '.join(blind)} nothing of what was planted for them" if blind else None
        return None

    def _sees(self, operation: Driven, tenant: str) -> bool:
        mine = (answer for party, answer in self.shown[operation.id] if party.tenant == tenant and answer.is_good)
        # Freshness names sources, under whatever stands there.
        shown = (msgspec.json.encode(shape_of(answer)[1]) for answer in mine)
        return any(one.kind != "tenant" for text in shown for one in self._stage.search.of(text, tenant))
