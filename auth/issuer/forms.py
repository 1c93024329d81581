"""Parameters as OAuth allows them (RFC 6749, sections 3.1, 3.2 and appendix B). Pure."""

from typing import Any, Final
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError  # type: ignore[import-untyped]  # Authlib ships no types

FORM: Final = "application/x-www-form-urlencoded"
PARAMETERS_MAX: Final = 20


def parameters(encoded: bytes) -> dict[str, str]:
    """The parameters of a form or a query, none of them twice, none of them empty.

    Raises Authlib's `InvalidRequestError`.
    """
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX)
    except ValueError as error:
        raise InvalidRequestError("The parameters are not a UTF-8 form.") from error
    form: dict[str, Any] = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidRequestError("A parameter is given more than once.")
    if any("\0" in value for value in form.values()):
        raise InvalidRequestError("A parameter holds a null character.")
    # RFC 6749, section 3.2: a parameter without a value counts as left out.
    return {name: value for name, value in form.items() if value}


def is_form(content_type: str) -> bool:
    """Whether a Content-Type header announces a form."""
    return content_type.partition(";")[0].strip().lower() == FORM
