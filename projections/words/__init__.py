"""What customers read, in their language: one catalogue, Fluent files by language, keyed by our codes.

`catalogue` has a language's texts, `translation` puts them into documents stored with English ones, and
`negotiation` says which language a reader asked for. To add one: docs/languages.md.
"""

from projections.words.catalogue import ENGLISH, LANGUAGES, Catalogue, Language, Wording, catalogue

__all__ = ["ENGLISH", "LANGUAGES", "Catalogue", "Language", "Wording", "catalogue"]
