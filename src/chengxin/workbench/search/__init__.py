"""Search among all subjects, those not public included, as far as a person's role reaches."""
