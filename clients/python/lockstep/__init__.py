"""
Client of Lockstep, which copies, hedges and trades MT4, MT5 and cTrader accounts through one API.

``MT5APIClient``, ``MT4APIClient`` and ``CTraderAPIClient`` are drop-ins for programs that were written against the MT5 service.
"""

from ._retry import Retry
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

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "BrokerAPIError",
    "BrokerConnectionError",
    "Busy",
    "CTraderAPIClient",
    "ConnectionProblem",
    "LockstepError",
    "MT4APIClient",
    "MT5APIClient",
    "NotFound",
    "OutcomeUnknown",
    "PlatformAPIClient",
    "Problem",
    "Refused",
    "Retry",
    "TimedOut",
    "TradeOutcomeUnknown",
    "Unauthorized",
    "__version__",
]
