"""The balance plan: its figures, its flow and its arithmetic."""
