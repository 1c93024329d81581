"""`/openapi.json`, and `/docs`: a page that says the same to people. No script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from app.problems import PROBLEMS
from app.rest import openapi
from auth.scopes import SCOPES

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere }
section { border-top: 1px solid #8886; padding: 1rem 0 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
.method { text-transform: uppercase; font-weight: 700 }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    # This style and nothing else: no script, no picture, nothing from elsewhere.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def docs_handlers(public_url: str) -> list[HTTPRouteHandler]:
    described = openapi.document()
    text = msgspec.json.encode(described)
    html = page(described, public_url)

    @get("/openapi.json", sync_to_thread=False)
    def openapi_json() -> Response[bytes]:
        return Response(text, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})

    @get(["/", "/docs", "/docs/problems"], sync_to_thread=False)
    def docs() -> Response[str]:
        return Response(html, media_type=MediaType.HTML, headers=_HEADERS)

    return [openapi_json, docs]


def page(described: dict[str, Any], public_url: str) -> str:
    """The docs page as HTML."""
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    )
    scopes = _table(("Scope", "Lets a client"), [(f"<code>{escape(n)}</code>", escape(w)) for n, w in SCOPES.items()])
    problems = _table(
        ("Code", "Status", "Means"),
        [(f'<code id="{code}">{code}</code>', str(p.status.value), escape(p.title)) for code, p in PROBLEMS.items()],
    )
    token = f"curl -s -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials {public_url}/oauth/token"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Shipment visibility API</title><style>{_STYLE}</style>"
        f"<h1>Shipment visibility API</h1><p>{escape(described['info']['description'])} "
        'Machine-readable: <a href="/openapi.json">openapi.json</a>.</p>'
        f"<h2>A token</h2><p><code>{escape(token)}</code></p>"
        f"<h2>Operations</h2>{operations}<h2>Scopes</h2>{scopes}<h2>Problems</h2>"
        f"<p>Errors are <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>{problems}"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    scopes = ", ".join(scope for one in operation["security"] for scope in one["oauth"]) or "none"
    parameters = [
        (f"<code>{escape(one['name'])}</code>", escape(one["in"]), escape(_words(one)))
        for one in operation["parameters"]
    ]
    table = _table(("Parameter", "In", "Means"), parameters) if parameters else ""
    return (
        f'<section><h3><span class="method">{method}</span> <code>{escape(path)}</code></h3>'
        f"<p>{escape(operation['summary'])} Scope: <code>{escape(scopes)}</code>.</p>{table}</section>"
    )


def _words(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    words: str = parameter.get("description") or schema.get("description", "")
    choices = schema.get("enum") or schema.get("items", {}).get("enum") or []
    return f"{words} {', '.join(map(str, choices))}".strip()


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Cells are HTML already."""
    header = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{header}</tr>{body}</table>"
