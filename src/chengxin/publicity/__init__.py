"""What is made public of decisions, for as long as the law allows, and nothing after."""
