"""What is asked of a panel before it is believed: checks across reports, corrections, notes, coverage, coding sheets."""
