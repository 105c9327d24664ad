"""What the tests and checks of this project need besides pytest; not part of an installation."""
