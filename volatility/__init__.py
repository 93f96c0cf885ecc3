"""Sessions, Volatility and Range of daily BTC options, from hourly candles."""

__version__ = "0.1.0"
