"""The algorithms we verify with, and no others, as joserfc wants to be told."""

from typing import Final

from joserfc.errors import UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry

from auth.keys import ALGORITHMS

TOKEN_BYTES_MAX: Final = 8 * 1024


class _PinnedRegistry(JWSRegistry):
    """Only our algorithms, and no warning for EdDSA, which the contract names; the curve is pinned by the key."""

    max_header_length = TOKEN_BYTES_MAX

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


# Headers are read and judged before a signature is: their parameters are no business of joserfc's.
PINNED: Final = _PinnedRegistry(strict_check_header=False)
