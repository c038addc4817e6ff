"""Purchases at providers: order sources, the purchase itself, quality checks, reuse, settlement."""
