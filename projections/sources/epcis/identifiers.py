"""GS1 identifiers in their two spellings: EPC URN (EPC Tag Data Standard, section 6) and GS1 Digital Link."""

import re
from urllib.parse import unquote

_SSCC_URN = re.compile(r"urn:epc:id:sscc:(\d{6,12})\.(\d)(\d{4,10})", re.ASCII)
_SSCC_LINK = re.compile(r"https?://[^?#\s]+/00/(\d+)(?:[/?#].*)?", re.ASCII | re.IGNORECASE)
_GLN_URN = re.compile(r"urn:epc:id:(?:sgln|pgln):(\d{6,12})\.(\d{0,6})(?:\..*)?", re.ASCII)
_GLN_LINK = re.compile(r"https?://[^?#\s]+/(?:414|417)/(\d{13})(?:[/?#].*)?", re.ASCII | re.IGNORECASE)
_GSIN_URN = re.compile(r"urn:epc:id:gsin:(\d{6,12})\.(\d{4,10})", re.ASCII)
_SHIPMENT_URN = re.compile(r"urn:epcglobal:cbv:bt:\d+:(.+)", re.ASCII)
_DOCUMENT_URN = re.compile(r"urn:epc:id:gdti:\d+\.\d*\.(.+)", re.ASCII)
_CONSIGNMENT_URN = re.compile(r"urn:epc:id:ginc:(\d{6,12})\.(.+)", re.ASCII)
_WORD = re.compile(
    r"(?:urn:epcglobal:cbv:[a-z]+:|(?:https?://(?:ref\.|ns\.)?gs1\.org/(?:cbv/|voc/)|cbv:)(?:BizStep|Disp|BTT|SDT|ER)-)?"
    r"([a-z_]+)",
    re.IGNORECASE,
)
_SSCC_DIGITS = 18
_GSIN_DIGITS = 17
_GLN_DIGITS = 13


def word(text: str) -> str:
    """A word of the Core Business Vocabulary without its name space; a term from elsewhere stays as it is."""
    match = _WORD.fullmatch(text)
    return match[1].lower() if match else text


def with_check_digit(digits: str) -> str:
    """The digits and their check digit (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def sscc_of(epc: str) -> str | None:
    """The 18 digits of a logistic unit's number; None when it is another identifier. ValueError: a wrong SSCC."""
    if match := _SSCC_LINK.fullmatch(epc):
        digits = match[1]
        if len(digits) != _SSCC_DIGITS or with_check_digit(digits[:-1]) != digits:
            raise ValueError(f"{digits} is not an SSCC: 18 digits, the last of them the check digit")
        return digits
    if not epc.startswith("urn:epc:id:sscc:"):
        return None
    urn = _SSCC_URN.fullmatch(epc)
    # The serial reference's first digit is the extension digit, which the number begins with.
    digits = with_check_digit(urn[2] + urn[1] + urn[3]) if urn else ""
    if len(digits) != _SSCC_DIGITS:
        raise ValueError(f"{epc[:80]} is not an SSCC: company prefix and serial reference have 17 digits together")
    return digits


def gln_of(identifier: str) -> str | None:
    """The global location number of a place or party; None when it is named otherwise."""
    if match := _GLN_LINK.fullmatch(identifier):
        return match[1] if with_check_digit(match[1][:-1]) == match[1] else None
    match = _GLN_URN.fullmatch(identifier)
    digits = with_check_digit(match[1] + match[2]) if match else ""
    return digits if len(digits) == _GLN_DIGITS else None


def gsin_of(identifier: str) -> str | None:
    """The global shipment identification number a shipper gave; None when it is another identifier."""
    match = _GSIN_URN.fullmatch(identifier)
    digits = with_check_digit(match[1] + match[2]) if match else ""
    return digits if len(digits) == _GSIN_DIGITS else None


def transaction_number(identifier: str) -> str:
    """The number of a business document, out of the identifier that makes it unique in the world (CBV 2.0, 8.5)."""
    if gsin := gsin_of(identifier):
        return gsin
    if match := _CONSIGNMENT_URN.fullmatch(identifier):
        return match[1] + unquote(match[2])
    if match := _SHIPMENT_URN.fullmatch(identifier) or _DOCUMENT_URN.fullmatch(identifier):
        return unquote(match[1])
    if identifier.startswith(("http://", "https://")):
        return unquote(re.split(r"[?#]", identifier)[0].rstrip("/").rpartition("/")[2])
    return identifier
