"""Trainers' config files: read with the places of their keys, and the images that they name found on disk."""
