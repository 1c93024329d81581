"""The load tests' judge of versions: what counts as going back."""

from loadtests.versions import Versions


def test_a_version_shown_again_after_a_newer_one_went_back():
    versions = Versions()
    assert [versions.answered(versions.asked("shp"), etag) for etag in ("a", "a", "b", "a")] == [
        True,
        True,
        True,
        False,
    ]


def test_versions_of_one_thing_say_nothing_of_another():
    versions = Versions()
    versions.answered(versions.asked("one"), "a")
    versions.answered(versions.asked("one"), "b")
    assert versions.answered(versions.asked("other"), "a")


def test_questions_under_way_at_once_may_be_answered_in_either_order():
    versions = Versions()
    first, second = versions.asked("shp"), versions.asked("shp")
    assert versions.answered(second, "b")
    assert versions.answered(first, "a")
    assert versions.answered(versions.asked("shp"), "b")
