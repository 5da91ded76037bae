"""Tagmetry: will this image and caption dataset make a good LoRA, and what to change if not."""
