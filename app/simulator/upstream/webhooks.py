"""Webhooks of the declared carriers: a body as each writes it, signed as its mapping says."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec

from projections.sources.carrier_json.mappings import load
from projections.values import Instant

MAPPINGS = load()
_ROME = ZoneInfo("Europe/Rome")


class Scan(msgspec.Struct, frozen=True):
    """Something a carrier saw, in its own code; `id` is its own id of it."""

    id: str
    number: str
    code: str
    at: Instant
    reason: str | None = None


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to send where. `forged`: signed with another secret; `changed`: what is sent is not what was signed."""

    carrier: str
    url: str
    secret: str
    scans: list[Scan]
    headers: dict[str, str] = {}
    forged: bool = False
    changed: bool = False


class Answered(msgspec.Struct, frozen=True):
    status: int
    body: str


async def send(webhook: Webhook) -> Answered:
    """Send it once. Raises KeyError when no such carrier is declared, httpx.HTTPError when nobody listens."""
    body = msgspec.json.encode(_BODIES[webhook.carrier](webhook.scans))
    secret = webhook.secret + "?" if webhook.forged else webhook.secret
    headers = {"Content-Type": "application/json", **signed(webhook.carrier, secret.encode(), body), **webhook.headers}
    if webhook.changed:
        body += b" "
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        answer = await http.post(webhook.url, content=body, headers=headers)
    return Answered(answer.status_code, answer.text)


def signed(carrier: str, secret: bytes, body: bytes) -> dict[str, str]:
    """The header a carrier signs a body with; none when it does not sign."""
    way = MAPPINGS[carrier].signature
    if way is None:
        return {}
    digest = hmac.new(secret, body, getattr(hashlib, way.algorithm)).digest()
    text = digest.hex() if way.encoding == "hex" else base64.b64encode(digest).decode()
    return {way.header: way.prefix + text}


def _bluecrest(scans: Sequence[Scan]) -> list[dict[str, Any]]:
    return [
        {
            "eventId": scan.id,
            "proNumber": scan.number,
            "statusCode": int(scan.code),
            "eventTimeMs": round(scan.at.timestamp() * 1_000),
            **({"reasonCode": scan.reason} if scan.reason else {}),
        }
        for scan in scans
    ]


def _nordvik(scans: Sequence[Scan]) -> dict[str, Any]:
    return {"parcels": [{"parcelNumber": scan.number, "scans": [_nordvik_scan(scan)]} for scan in scans]}


def _nordvik_scan(scan: Scan) -> dict[str, Any]:
    seen = {"code": scan.code, **({"cause": scan.reason} if scan.reason else {})}
    return {"scanId": scan.id, "event": seen, "scannedAt": scan.at.isoformat()}


def _transalpina(scans: Sequence[Scan]) -> dict[str, Any]:
    """A message is of one shipment: that of the first scan."""
    movements = [
        {
            "progressivo": scan.id,
            "stato": scan.code,
            **_local(scan.at),
            **({"causale": scan.reason} if scan.reason else {}),
        }
        for scan in scans
    ]
    return {"messaggio": scans[0].id, "spedizione": {"numero": scans[0].number, "movimenti": movements}}


def _local(at: datetime) -> dict[str, str]:
    there = at.astimezone(_ROME)
    return {"data": there.strftime("%d/%m/%Y"), "ora": there.strftime("%H:%M")}


_BODIES: dict[str, Callable[[Sequence[Scan]], Any]] = {
    "bluecrest": _bluecrest,
    "nordvik": _nordvik,
    "transalpina": _transalpina,
}
