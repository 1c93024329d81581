"""Named SQL: each statement of a `queries.sql` has a name and a sentence, and is called by its name.

-- next_batch: the events after these positions, oldest first
select ...
"""

import re
from importlib.resources import files

_HEADER = re.compile(r"^-- (\w+): .+$", re.MULTILINE)


def load(package: str) -> dict[str, str]:
    """The statements of a package's `queries.sql` by name."""
    text = (files(package) / "queries.sql").read_text(encoding="utf-8")
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    return {header[1]: text[header.end() : end].strip() for header, end in zip(headers, ends, strict=True)}
