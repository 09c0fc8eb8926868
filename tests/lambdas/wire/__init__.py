"""The functions own clients: signatures, connections, deadlines, AWS's answers."""
