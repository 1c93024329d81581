"""Whether the proof can see: what an owner is shown is given to another, in every writing, and must be noticed."""

import base64
from collections.abc import Callable, Mapping

from app.isolation.owners import Owners
from app.isolation.stage import Stage

_WRITINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "other case": bytes.swapcase,
    "reversed": lambda text: text[::-1],
    "hex": lambda text: text.hex().encode(),
    "base64": base64.b64encode,
    "base64 of a part": lambda text: base64.urlsafe_b64encode(b"x" + text),
    "percent signs": lambda text: b"".join(b"%%%02X" % byte for byte in text),
    "JSON escapes": lambda text: b"".join(b"\\u%04x" % byte for byte in text),
}


def check_search(stage: Stage, owners: Owners) -> None:
    """Swap the tenants of recorded answers; whatever then stays unnoticed is a fault of the proof itself."""
    for operation in stage.operations:
        if operation.audience != "customers" or not operation.is_read:
            continue
        for party, answer in owners.shown[operation.id]:
            own = [one for one in stage.search.of(answer.body, party.tenant or "") if one.kind == "canary"]
            if not own:
                continue
            for writing, written in _WRITINGS.items():
                noticed = {one.value for one in stage.search.of_others(written(answer.body), None, b"")}
                if not {one.value for one in own} <= noticed:
                    stage.findings.cannot_drive("self-check", f"canaries in {operation.name} go unnoticed as {writing}")
            break
