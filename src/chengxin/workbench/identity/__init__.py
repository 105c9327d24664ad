"""Identity reports of platforms that don't agree with the registers: the list, and each field by field."""
