"""The right to write: until when this process surely leads, held at the socket that a change leaves by."""
