"""What must hold in the kernel."""
