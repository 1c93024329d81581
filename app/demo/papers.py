"""The demo's carriers bring what they scanned: the bytes of the newest proofs of delivery, as PDF."""

from collections.abc import Iterator
from typing import Any

import httpx

from app.demo.accounts import SOURCE, Demo, DemoClient
from app.simulator.paper import pdf

# Of each customer, at each look.
NEWEST = 10


def bring(demo: Demo) -> int:
    """Bring the bytes of proofs of delivery that have none; says how many. Raises httpx.HTTPError."""
    brought = 0
    with httpx.Client(base_url=demo.base_url, timeout=10, trust_env=False) as http:
        carrier = _signed_in(http, demo, next(one for one in demo.clients if one.client_id == SOURCE))
        for client in demo.clients:
            if client.tenant and "documents:read" in client.scopes:
                for shipment, document in _without_bytes(http, _signed_in(http, demo, client)):
                    _bring(http, carrier, shipment, document)
                    brought += 1
    return brought


def _signed_in(http: httpx.Client, demo: Demo, client: DemoClient) -> dict[str, str]:
    form, secret = {"grant_type": "client_credentials"}, (client.client_id, client.client_secret)
    answer = http.post(demo.token_url, data=form, auth=secret).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _without_bytes(http: httpx.Client, reader: dict[str, str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Delivered shipments, the newest first, each with its proof of delivery."""
    asked: dict[str, str | int] = {"phase": "delivered,closed", "limit": NEWEST}
    for shipment in http.get("/v1/shipments", params=asked, headers=reader).raise_for_status().json()["items"]:
        listed = http.get(f"/v1/shipments/{shipment['id']}/documents", headers=reader).raise_for_status().json()
        for document in listed["items"]:
            if document["kind"] == "pod" and document["content"] is None:
                yield shipment, document


def _bring(http: httpx.Client, carrier: dict[str, str], shipment: dict[str, Any], document: dict[str, Any]) -> None:
    place = shipment["ship_to"]
    page = pdf(
        (
            document["title"] or "Proof of delivery",
            f"Document {document['document']}",
            f"Shipment {shipment['number']}",
            f"Delivered {shipment['delivered_at'] or '-'}, {place.get('name') or ''} {place.get('city') or ''}",
            f"Signed by {document['signed_by'] or '-'}",
        )
    )
    named = {"source": document["source"], "document": document["document"]}
    headers = carrier | {"Content-Type": "application/pdf"}
    http.put("/v1/documents/content", params=named, content=page, headers=headers).raise_for_status()
