"""How asking an upstream can end without an answer."""


class UpstreamError(Exception):
    """No answer that can be used; `url` says of what, the message what was wrong."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"{url}: {problem}")
        self.url = url


class UpstreamAwayError(UpstreamError):
    """It does not answer now; later it may."""


class UpstreamRefusedError(UpstreamError):
    """It answers, and will not give us this: `status`."""

    def __init__(self, url: str, status: int, problem: str) -> None:
        super().__init__(url, problem)
        self.status = status


class UpstreamGarbledError(UpstreamError):
    """It answers, and what it says makes no sense."""
