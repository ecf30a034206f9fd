"""Building blocks of sound that every generator may use: noise, filters, pings, rooms, levels."""
