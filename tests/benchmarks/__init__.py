"""Speed and memory, as ratios to a reference timed in the same run; on generated data that say so."""
