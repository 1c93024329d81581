"""Declaring that a source can be asked."""

import pytest

from projections.reconciliation.kinds import KINDS
from projections.sources.api import OWNERS
from projections.sources.declared import SourcesFileError, declared
from projections.sources.registry import FORMATS

API = {"url": "https://erp.example/api", "kind": "invoices", "token_env": "ERP_TOKEN"}
ERP = {"name": "/erp/main", "format": "events", "api": API}


def test_a_source_may_have_an_api():
    api = declared("erp", ERP, FORMATS).api
    assert api is not None
    assert (api.url, api.page_size, api.token({"ERP_TOKEN": "s3"})) == ("https://erp.example/api", 200, "s3")
    with pytest.raises(KeyError, match="ERP_TOKEN"):
        api.token({})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "shipments"}, "shipments are the tms's to say, and /erp/main is not one"),
        ({"kind": "orders"}, "kind"),
        ({"url": "ftp://erp.example"}, "url"),
        ({"url": "https://user:secret@erp.example"}, "url"),
        ({"url": "https://erp.example/?a=b"}, "url"),
        ({"url": "http://erp.example"}, "https only"),
        ({"token": "s3"}, "token"),
        ({"token_env": "PORTAL_TOKEN"}, "token_env"),
        ({"page_size": 0}, "page_size"),
        ({"attempts": 0}, "attempts"),
    ],
)
def test_an_api_that_cannot_be_asked_is_refused(changes: dict[str, object], words: str):
    with pytest.raises(SourcesFileError, match=words):
        declared("erp", ERP | {"api": API | changes}, FORMATS)


def test_a_token_may_go_to_this_machine_without_encryption():
    assert declared("erp", ERP | {"api": API | {"url": "http://127.0.0.1:9100/erp"}}, FORMATS)


def test_every_kind_has_its_owner():
    assert KINDS.keys() == OWNERS.keys()
