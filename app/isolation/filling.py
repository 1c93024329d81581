"""Values of any type with a canary in every string and every number large enough, made from the type alone.

So a field added to an event tomorrow is planted without anyone remembering.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import inspect

# What cannot hold ten characters: values that are valid and say nothing.
_TOO_NARROW = {"country": "DE", "currency": "EUR", "purpose": "delivery"}
LEAST_MAXIMUM = 999_999_999

Mint = Callable[[str], str]
MintNumber = Callable[[str], int]
Given = Mapping[str, Any]


class CannotPlantError(Exception):
    """A field that no canary fits, and that nobody has said what else to put into."""


class Filler:
    """Fills types. `given` has, by field or by Struct.field, what must be a certain value to mean anything."""

    def __init__(self, mint: Mint, mint_number: MintNumber, given: Given) -> None:
        self._mint = mint
        self._mint_number = mint_number
        self._given = given

    def fill(self, shape: type[msgspec.Struct], path: str) -> dict[str, Any]:
        """JSON values for all fields of a struct, the optional ones too."""
        info = inspect.type_info(shape)
        assert isinstance(info, inspect.StructType)  # noqa: S101 - the signature says so
        return self._struct(info, path)

    def _struct(self, info: inspect.StructType, path: str) -> dict[str, Any]:
        filled = {}
        for field in info.fields:
            given = self._given.get(f"{info.cls.__name__}.{field.name}", self._given.get(field.name, msgspec.UNSET))
            where = f"{path}.{field.name}"
            filled[field.encode_name] = self._value(field.type, where) if given is msgspec.UNSET else given
        return filled

    def _value(self, info: inspect.Type, path: str) -> Any:  # noqa: ANN401 - any JSON value
        match info:
            case inspect.Metadata():
                return self._value(info.type, path)
            case inspect.UnionType():
                return self._value(next(one for one in info.types if not isinstance(one, inspect.NoneType)), path)
            case inspect.StructType():
                return self._struct(info, path)
            case inspect.VarTupleType() | inspect.ListType():
                return [self._value(info.item_type, path)]
        return self._scalar(info, path)

    def _scalar(self, info: inspect.Type, path: str) -> Any:  # noqa: ANN401, PLR0911 - any JSON value, a line a type
        match info:
            case inspect.StrType():
                return self._string(info, path)
            case inspect.EnumType():
                return next(iter(info.cls)).value
            case inspect.LiteralType():
                return info.values[0]
            case inspect.DateTimeType():
                return (datetime.now(UTC) + timedelta(days=1)).isoformat()
            case inspect.IntType():
                return self._mint_number(path) if (info.le or LEAST_MAXIMUM) >= LEAST_MAXIMUM else max(info.ge or 0, 1)
            case inspect.DecimalType():
                return f"{self._mint_number(path)}.25"
            case inspect.FloatType():
                return 1.5
            case inspect.BoolType():
                return True
        raise CannotPlantError(f"{path}: nothing is known to put into a {type(info).__name__}")

    def _string(self, info: inspect.StrType, path: str) -> str:
        canary = self._mint(path)
        if len(canary) <= (info.max_length or len(canary)) and re.search(info.pattern or "", canary):
            return canary
        narrow = _TOO_NARROW.get(path.rpartition(".")[2])
        if narrow is None or not re.search(info.pattern or "", narrow):
            raise CannotPlantError(f"{path}: a canary does not fit, and no other value is known")
        return narrow
