"""What a trader of the daily option asks: pure functions from hourly candles to distributions, odds and scores."""
