"""The kinds of rules that a policy makes without code, one module each, and the reading of `define`."""
