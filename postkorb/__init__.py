"""The front door: wires the three wings together and is what the operator types."""
