"""The page people sign in on: no script, nothing from elsewhere, readable on a phone. Pure."""

import base64
import hashlib
from html import escape
from typing import Final

from projections.words import Language, catalogue

STYLE: Final = """
:root { color-scheme: light dark; --ink: #14213d; --soft: #55607a; --line: #8a93a8; --page: #eef1f6; --card: #fff;
  --do: #0b57d0; --on-do: #fff; --bad: #a11212; --bad-page: #fdecec;
  font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf4; --soft: #a9b3c9; --line: #6d7890; --page: #0f1420;
  --card: #1a2132; --do: #8ab4f8; --on-do: #0b1a33; --bad: #ffb4ab; --bad-page: #3a1618 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1rem;
  background: var(--page); color: var(--ink) }
main { width: 100%; max-width: 24rem; padding: 2rem 1.75rem; background: var(--card); border-radius: 1rem;
  box-shadow: 0 .5rem 2rem #0b1a3320 }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2 }
p { margin: .4rem 0 0; color: var(--soft); overflow-wrap: anywhere }
label { display: block; margin: 1.25rem 0 .35rem; font-weight: 600 }
input, button { width: 100%; min-height: 3rem; padding: .6rem .8rem; border-radius: .6rem; font: inherit }
input { border: 1px solid var(--line); background: var(--card); color: var(--ink) }
input:focus-visible, button:focus-visible { outline: 3px solid var(--do); outline-offset: 2px }
button { margin-top: 1.75rem; border: 0; background: var(--do); color: var(--on-do); font-weight: 600; cursor: pointer }
.problem { margin-top: 1.25rem; padding: .7rem .9rem; border-left: 4px solid var(--bad); border-radius: .4rem;
  background: var(--bad-page); color: var(--bad) }
""".strip()

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page_headers(language: Language, redirect_origin: str | None = None) -> dict[str, str]:
    """The headers of such a page, beside those that every answer has.

    `form-action` names where the form leads on to as well, since browsers hold redirects after a form to it.
    """
    form_action = f"'self' {redirect_origin}" if redirect_origin else "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
        "Content-Language": language,
    }


def login_page(language: Language, *, client_name: str, transaction: str, username: str = "", problem: str = "") -> str:
    """The form. With a `problem`, what went wrong before is read out first and the name typed is kept."""
    alert = f'<p class="problem" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    described = ' aria-describedby="problem" aria-invalid="true"' if problem else ""
    say = catalogue(language).pages
    at_name, at_password = ("", " autofocus") if problem and username else (" autofocus", "")
    return _page(
        language,
        say["sign_in"](),
        f"<p>{escape(say['continue_to'](client=client_name))}</p>{alert}"
        '<form method="post" action="/oauth/authorize">'
        f'<input type="hidden" name="transaction" value="{escape(transaction)}">'
        f'<label for="username">{escape(say["user_name"]())}</label>'
        f'<input id="username" name="username" value="{escape(username)}" autocomplete="username" autocapitalize="none"'
        f' autocorrect="off" spellcheck="false" maxlength="100" required{described}{at_name}>'
        f'<label for="password">{escape(say["password"]())}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000"'
        f" required{described}{at_password}>"
        f'<button type="submit">{escape(say["sign_in"]())}</button></form>',
    )


def problem_page(language: Language, problem: str) -> str:
    """What is shown when there is nowhere safe to send the person back to."""
    return _page(
        language,
        catalogue(language).pages["cannot_sign_in"](),
        f'<p class="problem" role="alert">{escape(problem)}</p>',
    )


def _page(language: Language, title: str, content: str) -> str:
    title = escape(title)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )
