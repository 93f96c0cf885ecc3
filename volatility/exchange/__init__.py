"""Exchanges: what a source of candles is asked, and how it is asked without harm.

``binance`` is the client of Binance; all other modules know nothing of it but Binance's words in ``judge``.
"""
