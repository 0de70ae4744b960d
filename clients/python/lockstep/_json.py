"""JSON with exact decimals and moments."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any


def dumps(value: Any) -> str:
    """
    JSON text: ``Decimal`` as an exact number, ``datetime`` as ISO 8601 in UTC with milliseconds. ``ValueError`` for what is no number (NaN, infinity) and for a moment without its offset,
    ``TypeError`` for what JSON has no word for.
    """
    match value:
        case None | bool() | str() | int():
            return json.dumps(value, ensure_ascii=False)
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{value} is no number that can be sent")
            return float.__repr__(value)
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"{value} is no number that can be sent")
            return format(value, "f")
        case datetime():
            return json.dumps(moment(value))
        case Mapping():
            return "{" + ",".join(f"{json.dumps(str(k), ensure_ascii=False)}:{dumps(v)}" for k, v in value.items()) + "}"
        case list() | tuple() | set() | frozenset():
            return "[" + ",".join(dumps(v) for v in value) + "]"
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def moment(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds. ``ValueError`` for a moment that does not say its offset: it would mean another time on each machine."""
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: use datetime(..., tzinfo=timezone.utc)")
    return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
