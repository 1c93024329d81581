"""The one table that says who may see what."""

import pytest

from auth.policy import EVERY_SECTION, visible_sections
from auth.principal import Principal
from auth.scopes import SCOPES

READ_ALL = frozenset(SCOPES)


def principal(scopes, party_role="bill_to"):
    return Principal("s", "c", "nordwind", ("nordwind",), frozenset(scopes), 0, party_role=party_role)


def test_who_pays_and_holds_all_scopes_sees_everything():
    assert visible_sections(principal(READ_ALL)) is EVERY_SECTION


def test_who_only_receives_is_not_shown_what_it_costs():
    assert visible_sections(principal(READ_ALL, "ship_to")) == {"documents"}


@pytest.mark.parametrize(
    ("scope", "section"),
    [("documents:read", "documents"), ("charges:read", "charges"), ("invoices:read", "invoices")],
)
def test_each_section_has_its_scope(scope, section):
    assert visible_sections(principal({scope})) == {section}
    assert section not in visible_sections(principal(READ_ALL - {scope}))


def test_a_principal_without_scopes_sees_no_guarded_section():
    assert visible_sections(principal(())) == frozenset()
