"""What writes: candles, sessions and statistics, forecasts and their scores."""
