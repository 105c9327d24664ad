"""Fraud schemes of an invented market, each at three levels of skill."""
