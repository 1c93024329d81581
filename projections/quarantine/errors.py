"""What stands in the way of an operator's wish."""


class NotThereError(Exception):
    """There is no such entry."""


class SettledError(Exception):
    """It was decided already; the message says how."""


class BehindError(Exception):
    """Projection is too far behind to say what would change."""
