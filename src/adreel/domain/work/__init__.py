"""Work as it goes on: progress, cancellation, fairness, limits of attempts, traces, counts."""
