"""What capacity costs: a dated price file, usage as quantities of what AWS bills, and the bill as a range."""
