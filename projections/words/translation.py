"""Documents in another language: each text is replaced by the one its code has there. Pure.

Theory. Wherever we show a text, its code stands right before it, `{"code", "text", …}`, and what there is to do right
after it, `{"code", "text", "action_required", …}`: that is how reasons and exceptions differ from milestones. In bytes
of ours `"code":"` begins such a member and nothing else, because quotes inside a JSON string are escaped. So ready
bytes are translated in one pass without decoding them, and all else stays as it is, byte for byte.
"""

import re

import msgspec

from projections.words.catalogue import ENGLISH, LANGUAGES, Language, Wording, catalogue

_STRING = rb'"(?:[^"\\]|\\.)*+"'
_WORDED = re.compile(
    rb'"code":"(?P<code>[a-z_]+)","text":' + _STRING + rb'(?P<action>,"action_required":(?:null|' + _STRING + rb"))?"
)
_JSON = msgspec.json.Encoder()


def translate(body: bytes, language: Language) -> bytes:
    """JSON of ours, one document or a whole answer, in another language; English is as it is stored.

    A code the catalogue doesn't know keeps its text.
    """
    if language == ENGLISH:
        return body
    members = _MEMBERS[language]
    return _WORDED.sub(lambda found: members.get((found["code"], found["action"] is not None), found[0]), body)


def _members(language: Language) -> dict[tuple[bytes, bool], bytes]:
    """What stands for each code in this language, by the code and whether what there is to do follows."""
    words = catalogue(language)
    milestones = {(code.encode(), False): _member(code, wording) for code, wording in words.milestones.items()}
    reasons = {
        (code.encode(), True): b'%b,"action_required":%b'
        % (_member(code, wording), _JSON.encode(wording.action_required))
        for code, wording in words.reasons.items()
    }
    return milestones | reasons


def _member(code: str, wording: Wording) -> bytes:
    return b'"code":%b,"text":%b' % (_JSON.encode(code), _JSON.encode(wording.text))


_MEMBERS = {language: _members(language) for language in LANGUAGES}
