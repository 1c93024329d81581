"""The time zone a place lies in, for times that come without an offset.

A state or province stands for a zone when nearly all who live there share it (IANA tz database); the towns that are
known to keep another are listed. One that is split in earnest (Idaho, Indiana, Kentucky, Nebraska, the Dakotas,
Tennessee, Nunavut) stands for none, and so does a country of several zones: no guess.
"""

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)


def _states(zone: str, codes: str) -> dict[tuple[str, str], str]:
    return {("US", code): zone for code in codes.split()}


STATE_ZONES: dict[tuple[str, str], str] = {
    **_states(_EASTERN, "CT DC DE FL GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV"),
    **_states(_CENTRAL, "AL AR IA IL KS LA MN MO MS OK TX WI"),
    **_states(_MOUNTAIN, "CO MT NM UT WY"),
    **_states(_PACIFIC, "CA NV OR WA"),
    ("US", "AK"): "America/Anchorage",
    ("US", "AZ"): "America/Phoenix",
    ("US", "HI"): "Pacific/Honolulu",
    ("US", "MI"): "America/Detroit",
    ("US", "PR"): "America/Puerto_Rico",
    ("CA", "AB"): "America/Edmonton",
    ("CA", "BC"): "America/Vancouver",
    ("CA", "MB"): "America/Winnipeg",
    ("CA", "NB"): "America/Moncton",
    ("CA", "NL"): "America/St_Johns",
    ("CA", "NS"): "America/Halifax",
    ("CA", "NT"): "America/Yellowknife",
    ("CA", "ON"): "America/Toronto",
    ("CA", "PE"): "America/Halifax",
    ("CA", "QC"): "America/Toronto",
    ("CA", "SK"): "America/Regina",
    ("CA", "YT"): "America/Whitehorse",
}

TOWN_ZONES: dict[tuple[str, str, str], str] = {
    ("US", "TX", "EL PASO"): _MOUNTAIN,
    ("US", "FL", "PENSACOLA"): _CENTRAL,
    ("US", "FL", "PANAMA CITY"): _CENTRAL,
    ("US", "MI", "IRON MOUNTAIN"): _CENTRAL,
    ("US", "OR", "ONTARIO"): "America/Boise",
    ("CA", "ON", "KENORA"): "America/Winnipeg",
    ("CA", "ON", "DRYDEN"): "America/Winnipeg",
    ("CA", "BC", "CRANBROOK"): "America/Edmonton",
    ("CA", "BC", "FORT ST JOHN"): "America/Fort_Nelson",
    ("CA", "SK", "LLOYDMINSTER"): "America/Edmonton",
}

COUNTRY_ZONES: dict[str, str] = {
    "AE": "Asia/Dubai",
    "AT": "Europe/Vienna",
    "BD": "Asia/Dhaka",
    "BE": "Europe/Brussels",
    "BG": "Europe/Sofia",
    "CH": "Europe/Zurich",
    "CN": "Asia/Shanghai",
    "CO": "America/Bogota",
    "CR": "America/Costa_Rica",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "DO": "America/Santo_Domingo",
    "DZ": "Africa/Algiers",
    "EE": "Europe/Tallinn",
    "EG": "Africa/Cairo",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GH": "Africa/Accra",
    "GR": "Europe/Athens",
    "GT": "America/Guatemala",
    "HK": "Asia/Hong_Kong",
    "HR": "Europe/Zagreb",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IL": "Asia/Jerusalem",
    "IN": "Asia/Kolkata",
    "IS": "Atlantic/Reykjavik",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KE": "Africa/Nairobi",
    "KH": "Asia/Phnom_Penh",
    "KR": "Asia/Seoul",
    "LK": "Asia/Colombo",
    "LT": "Europe/Vilnius",
    "LU": "Europe/Luxembourg",
    "LV": "Europe/Riga",
    "MA": "Africa/Casablanca",
    "MT": "Europe/Malta",
    "NG": "Africa/Lagos",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "PA": "America/Panama",
    "PE": "America/Lima",
    "PH": "Asia/Manila",
    "PK": "Asia/Karachi",
    "PL": "Europe/Warsaw",
    "QA": "Asia/Qatar",
    "RO": "Europe/Bucharest",
    "RS": "Europe/Belgrade",
    "SA": "Asia/Riyadh",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava",
    "TH": "Asia/Bangkok",
    "TN": "Africa/Tunis",
    "TR": "Europe/Istanbul",
    "TW": "Asia/Taipei",
    "UY": "America/Montevideo",
    "VN": "Asia/Ho_Chi_Minh",
    "ZA": "Africa/Johannesburg",
}


def zone_of(country: str | None, region: str | None, town: str | None) -> str | None:
    """The IANA zone of a place, or None when what is known of it names no single one.

    Without a country, a state or province of the United States or Canada still names one: they share no code.
    """
    for land in (country,) if country else ("US", "CA"):
        state = (land, (region or "").upper())
        zone = TOWN_ZONES.get((*state, (town or "").upper())) or STATE_ZONES.get(state)
        if zone:
            return zone
    return COUNTRY_ZONES.get(country or "")
