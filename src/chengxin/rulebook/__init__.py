"""The laws as data: catalogue, deadlines, laws, places, departments, the plan; each dated and sourced."""
