"""Where a DCSA event happened."""

import re

from projections.sources.json_fields import Fields
from projections.values import Place

_UN_LOCATION_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}", re.ASCII)
_COUNTRY_CODE = re.compile(r"[A-Z]{2}", re.ASCII)


def place_of(body: Fields, transport: Fields) -> Place | None:
    """The event's own location, else that of its transport call, which up to 2.2 has its code itself."""
    call = transport.inner("transportCall")
    for location in (body.inner("eventLocation"), call.inner("location"), call):
        place = _place(location)
        if place is not None:
            return place
    return None


def facility_type_of(body: Fields, call: Fields) -> str | None:
    """What kind of place it is (facilityTypeCode)."""
    found = body.text("facilityTypeCode") or body.inner("eventLocation").text("facilityTypeCode")
    return found or call.text("facilityTypeCode") or call.inner("location").text("facilityTypeCode")


def _place(location: Fields) -> Place | None:
    address = location.inner("address")
    code = location.text("UNLocationCode")
    code = code if code and _UN_LOCATION_CODE.fullmatch(code) else None
    country = address.text("countryCode", "country")
    if country is None or not _COUNTRY_CODE.fullmatch(country):
        country = code[:2] if code else None
    place = Place(
        name=_known(location.text("locationName") or location.inner("facility").text("facilityName")),
        city=_known(address.text("city", "cityName")),
        region=_known(address.text("stateRegion")),
        country=country,
        postal_code=_known(address.text("postCode", "postalCode")),
        code=code,
    )
    return None if place == Place() else place


def _known(text: str | None) -> str | None:
    return text if text and text.upper() != "N/A" else None
