"""How fast: ratios inside one run against baselines kept here. `make bench` runs it all."""
