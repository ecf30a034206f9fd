"""Workers: they take predictions from the queue and run them beside a warm engine."""
