"""The service: both HTTP dialects, accounts and money, predictions that are never lost, and the workers behind them."""
