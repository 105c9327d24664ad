"""What is decided on a subject: lists, objections, repair, and what each step brings about."""
