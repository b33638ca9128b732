"""The door out: check, mask, record and write what asks to leave."""
