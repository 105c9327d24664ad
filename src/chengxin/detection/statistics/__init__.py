"""How unlikely what is seen is: counts, shares, sizes, stretches of days, beside what is usual."""
