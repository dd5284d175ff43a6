"""The invariants of the life cycles, over random but permitted lives of cases in the pure core."""
