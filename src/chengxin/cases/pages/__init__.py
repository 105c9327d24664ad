"""The pages of cases, generated from the declaration of each procedure."""
