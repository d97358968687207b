"""The ground every REST endpoint stands on: who asks, what they may, how refusals, pages and repeats look."""
