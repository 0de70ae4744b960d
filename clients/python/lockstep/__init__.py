"""
Client of Lockstep, which copies, hedges and trades MT4, MT5 and cTrader accounts through one API.

``LockstepClient`` speaks the canonical API. ``MT5APIClient``, ``MT4APIClient`` and ``CTraderAPIClient`` are drop-ins for programs that were written against the MT5 service.
"""

from ._retry import Retry
from .client import LEAVE, LockstepClient
from .ctrader_api_client import CTraderAPIClient
from .errors import (
    ApiError,
    BrokerAPIError,
    BrokerConnectionError,
    Busy,
    ConnectionProblem,
    LockstepError,
    NotFound,
    OutcomeUnknown,
    Problem,
    Refused,
    TimedOut,
    TradeOutcomeUnknown,
    Unauthorized,
)
from .mt4_api_client import MT4APIClient
from .mt5_api_client import MT5APIClient
from .platform_client import PlatformAPIClient
from .stream import Bookmark, Stream

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "Bookmark",
    "BrokerAPIError",
    "BrokerConnectionError",
    "Busy",
    "CTraderAPIClient",
    "ConnectionProblem",
    "LEAVE",
    "LockstepClient",
    "LockstepError",
    "MT4APIClient",
    "MT5APIClient",
    "NotFound",
    "OutcomeUnknown",
    "PlatformAPIClient",
    "Problem",
    "Refused",
    "Retry",
    "Stream",
    "TimedOut",
    "TradeOutcomeUnknown",
    "Unauthorized",
    "__version__",
]
