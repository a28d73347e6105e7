"""How large an archive is and how quick, as it grows."""
