"""Days, periods, durations, schedules, and the nights on which clocks change."""
