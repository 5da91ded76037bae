"""Plans as trainer configurations: one module per trainer, what they share beside them."""
